import com.sun.javafx.scene.web.Debugger;
import com.sun.javafx.webkit.Accessor;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import javafx.application.Platform;
import javafx.beans.value.ChangeListener;
import javafx.beans.value.ObservableValue;
import javafx.concurrent.Worker;
import javafx.scene.web.WebEngine;
import netscape.javascript.JSException;

/**
 * Makes JavaFX's engine do what org.bongsu.browser.Puppet tells it. Run from its source, as the build compiles nothing against
 * JavaFX.
 *
 * <p>Threads: pages belong to that of JavaFX; the main one asks for orders and waits.
 */
public final class WebViewPuppet {
    /** A page. What no public method of JavaFX does, the protocol of WebKit's inspector does. */
    private static final class View {
        final WebEngine engine = new WebEngine();
        final List<String> complaints = new ArrayList<>();
        private final Debugger inspector;

        View(String beforehand) throws ReflectiveOperationException {
            Method getDebugger = WebEngine.class.getDeclaredMethod("getDebugger");
            getDebugger.setAccessible(true);
            inspector = (Debugger) getDebugger.invoke(engine);
            inspector.setEnabled(true);
            inspector.setMessageCallback(said -> {
                hear(json(said));
                return null;
            });
            inspect("Page.enable", JsonValue.EMPTY_JSON_OBJECT);
            inspect("Console.enable", JsonValue.EMPTY_JSON_OBJECT);
            String source = "(function () {" + beforehand + "\n}());";
            inspect("Page.setBootstrapScript", Json.createObjectBuilder().add("source", source).build());
        }

        private void inspect(String method, JsonObject parameters) {
            inspector.sendMessage(Json.createObjectBuilder()
                    .add("id", 1)
                    .add("method", method)
                    .add("params", parameters)
                    .build()
                    .toString());
        }

        private void hear(JsonObject said) {
            if (!said.getString("method", "").equals("Console.messageAdded")) return;
            JsonObject message = said.getJsonObject("params").getJsonObject("message");
            // A refused or broken connection is what some tests are about; the page may meet one, not cause one.
            boolean network = message.getString("source").equals("network");
            if (message.getString("level").equals("error") && !network) {
                complaints.add(message.getString("source") + ": " + message.getString("text"));
            }
        }

        JsonValue value(String expression) {
            try {
                return engine.executeScript(expression) instanceof String text ? Json.createValue(text) : JsonValue.NULL;
            } catch (JSException e) {
                // It is not in this engine's language, and so has no value.
                return JsonValue.NULL;
            }
        }

        /** Completes when the address has been loaded, or has failed to. */
        CompletableFuture<Worker.State> load(String url) {
            CompletableFuture<Worker.State> end = new CompletableFuture<>();
            ChangeListener<Worker.State> listener = new ChangeListener<>() {
                @Override
                public void changed(
                        ObservableValue<? extends Worker.State> of, Worker.State old, Worker.State now) {
                    if (now != Worker.State.SUCCEEDED && now != Worker.State.FAILED) return;
                    engine.getLoadWorker().stateProperty().removeListener(this);
                    end.complete(now);
                }
            };
            engine.getLoadWorker().stateProperty().addListener(listener);
            engine.load(url);
            return end;
        }
    }

    private final Map<Integer, View> views = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        Platform.setImplicitExit(false);
        Platform.startup(() -> {});
        try {
            new WebViewPuppet().serve(URI.create(arguments[0]));
        } finally {
            // Nobody is there any more; the threads of JavaFX would go on.
            Runtime.getRuntime().halt(1);
        }
    }

    private void serve(URI orders) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        JsonObject answer = value(Json.createValue(System.getProperty("javafx.runtime.version")));
        while (true) {
            HttpRequest request =
                    HttpRequest.newBuilder(orders).POST(BodyPublishers.ofString(answer.toString())).build();
            JsonObject order = json(client.send(request, BodyHandlers.ofString()).body());
            try {
                answer = value(perform(order));
            } catch (Exception e) {
                answer = Json.createObjectBuilder().add("error", e.toString()).build();
            }
        }
    }

    private JsonValue perform(JsonObject order) throws Exception {
        int page = order.getInt("page");
        String argument = order.getString("argument");
        switch (order.getString("order")) {
            case "open" -> {
                String beforehand = order.getString("beforehand");
                Worker.State end = onItsThread(() -> {
                            View view = new View(beforehand);
                            views.put(page, view);
                            return view.load(argument);
                        })
                        .get();
                if (end == Worker.State.FAILED) throw new IllegalStateException(argument + " did not load");
            }
            case "load" -> onItsThread(() -> views.get(page).load(argument));
            case "value" -> {
                return onItsThread(() -> views.get(page).value(argument));
            }
            case "complaints" -> {
                JsonArrayBuilder all = Json.createArrayBuilder();
                onItsThread(() -> {
                    views.get(page).complaints.forEach(all::add);
                    return null;
                });
                return all.build();
            }
            case "close" -> {
                onItsThread(() -> views.get(page).load("about:blank")).get();
                onItsThread(() -> {
                    Accessor.getPageFor(views.remove(page).engine).dispose();
                    return null;
                });
            }
            default -> throw new IllegalArgumentException("no such order: " + order);
        }
        return JsonValue.NULL;
    }

    private static <T> T onItsThread(Callable<T> work) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        Platform.runLater(() -> {
            try {
                done.complete(work.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done.get();
    }

    private static JsonObject value(JsonValue value) {
        return Json.createObjectBuilder().add("value", value).build();
    }

    private static JsonObject json(String text) {
        try (var reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }
}
