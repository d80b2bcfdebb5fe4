package org.bongsu.server;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.OperationType;
import com.unboundid.ldif.LDIFException;
import java.net.InetAddress;

/** An LDAP directory in this JVM, in which is one person that no server has in its files. */
final class Directory implements AutoCloseable {
    /** Her name is her password, as the others' are; she is a user. */
    static final String PERSON = "carol";

    /** Of the user that may search. */
    static final String PASSWORD = "to search";

    private final InMemoryDirectoryServer server;

    Directory() {
        try {
            InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example");
            config.setListenerConfigs(
                    InMemoryListenerConfig.createLDAPConfig("plain", InetAddress.getLoopbackAddress(), 0, null));
            config.addAdditionalBindCredentials("cn=bongsu,dc=example", PASSWORD);
            config.setAuthenticationRequiredOperationTypes(OperationType.SEARCH, OperationType.COMPARE);
            server = new InMemoryDirectoryServer(config);
            server.add("dn: dc=example", "objectClass: domain", "dc: example");
            for (String unit : new String[] {"people", "groups"}) {
                server.add("dn: ou=" + unit + ",dc=example", "objectClass: organizationalUnit", "ou: " + unit);
            }
            String person = "uid=" + PERSON + ",ou=people,dc=example";
            server.add(
                    "dn: " + person,
                    "objectClass: inetOrgPerson",
                    "uid: " + PERSON,
                    "cn: Carol",
                    "sn: Carol",
                    "userPassword: " + PERSON);
            server.add(
                    "dn: cn=bongsu-user,ou=groups,dc=example",
                    "objectClass: groupOfNames",
                    "cn: bongsu-user",
                    "member: " + person);
            server.startListening();
        } catch (LDAPException | LDIFException e) {
            throw new IllegalStateException(e);
        }
    }

    String url() {
        return "ldap://127.0.0.1:" + server.getListenPort();
    }

    @Override
    public void close() {
        server.shutDown(true);
    }
}
