package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What people are shown in place of a problem, in Korean to who reads that, else in English, with a way back to the
 * portal.
 */
final class ErrorPage {
    private record Words(String title, String detail) {}

    /** What a server may refuse a page with; of anything else, as in English, the number is all that is said. */
    private static final Map<Integer, Words> KOREAN = Map.of(
            400, new Words("잘못된 요청입니다", "서버가 읽을 수 없는 요청입니다."),
            403, new Words("권한이 없습니다", "이 주소를 볼 권한이 없습니다."),
            404, new Words("페이지를 찾을 수 없습니다", "이 주소에는 아무것도 없습니다."),
            405, new Words("허용되지 않는 요청입니다", "이 주소에서는 이런 요청을 받지 않습니다."),
            413, new Words("요청이 너무 큽니다", "서버가 받는 크기를 넘었습니다."),
            414, new Words("주소가 너무 깁니다", "서버가 받는 길이를 넘었습니다."),
            500, new Words("포털에 오류가 생겼습니다", "자세한 내용은 서버 로그에 있습니다. 관리자에게 알려 주세요."),
            503, new Words("지금은 사용할 수 없습니다", "잠시 뒤 다시 시도해 주세요."));

    private ErrorPage() {}

    /**
     * Answers with the page, whose style sheet and link are relative to the address that was asked for, so that they hold
     * behind a proxy that has put the portal below another path.
     *
     * @param path what was asked for, as it was sent, below the portal's own address
     */
    static void send(HttpServletRequest request, HttpServletResponse response, Problem problem, String path)
            throws IOException {
        boolean korean = readsKorean(request);
        Words words = korean
                ? KOREAN.getOrDefault(problem.status(), new Words("오류 " + problem.status(), "요청을 처리할 수 없습니다."))
                : new Words(problem.title(), String.valueOf(problem.getMessage()));
        String root = root(request.getContextPath(), path);
        String name = korean ? "봉수" : "Bongsu";
        byte[] body = """
                <!DOCTYPE html>
                <html lang="%s">
                <head>
                  <meta charset="utf-8">
                  <meta name="viewport" content="width=device-width, initial-scale=1">
                  <meta name="color-scheme" content="light dark">
                  <title>%s · %s</title>
                  <link rel="stylesheet" href="%scss/portal.css">
                </head>
                <body>
                  <header class="banner"><p class="brand"><img src="%simg/bongsu.svg" alt="" width="32" height="32">%s</p></header>
                  <main class="notice">
                    <h1>%s</h1>
                    <p>%s</p>
                    <p><a href="%s">%s</a></p>
                  </main>
                </body>
                </html>
                """.formatted(
                        korean ? "ko" : "en",
                        words.title(),
                        name,
                        root,
                        root,
                        name,
                        words.title(),
                        escaped(words.detail()),
                        root,
                        korean ? "알림으로 가기" : "To the notifications")
                .getBytes(StandardCharsets.UTF_8);
        response.resetBuffer();
        response.setStatus(problem.status());
        response.setContentType("text/html;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        Object retryAfter = problem.members().get("retryAfter");
        if (retryAfter != null) response.setHeader("Retry-After", retryAfter.toString());
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** The way from there to the portal's own address. */
    private static String root(String contextPath, String path) {
        // The portal's own address without its last slash.
        if (path.isEmpty()) return "./" + contextPath.substring(contextPath.lastIndexOf('/') + 1) + '/';
        long depth = path.chars().filter(c -> c == '/').count() - 1;
        return depth > 0 ? "../".repeat((int) depth) : "./";
    }

    private static boolean readsKorean(HttpServletRequest request) {
        // Without the header the container would tell its own language.
        return request.getHeader("Accept-Language") != null
                && request.getLocale().getLanguage().equals("ko");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
