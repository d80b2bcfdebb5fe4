package org.bongsu.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.bongsu.PortalServer;
import org.bongsu.log.MemoryMessageStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The head of a stream's answer, over a real Tomcat. */
final class StreamServletTest {
    /** Over HTTP/2 the header would make the answer malformed (RFC 9113 §8.2.2): browsers then drop it. */
    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aStreamClosesItsConnectionOnlyWhereItHasOneOfItsOwn(HttpClient.Version version) throws Exception {
        try (PortalServer portal =
                PortalServer.builder().store(new MemoryMessageStore()).http2().start()) {
            HttpClient client = HttpClient.newBuilder().version(version).build();
            HttpResponse<InputStream> response =
                    client.send(portal.request("alice", "/api/stream?topic=**").build(), BodyHandlers.ofInputStream());
            response.body().close();
            assertEquals(200, response.statusCode());
            assertEquals(version, response.version());
            assertEquals(
                    version == HttpClient.Version.HTTP_2 ? List.of() : List.of("close"),
                    response.headers().allValues("Connection"));
        }
    }
}
