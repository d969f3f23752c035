package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.gateway.http.Headers;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * The page at {@code /}: what this is, that it works, and how to call it. A browser does not send a key, so what needs one is no link
 * here but a line for curl.
 */
final class Welcome {
    private static final String PAGE = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Tollgate</title><style>
            :root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7c; --line: #d9e0e8; --back: #f7f9fb; --card: #fff; --accent: #0b6e4f; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --soft: #9fb0c2; --line: #2c3744; --back: #12181f; --card: #1a222c; --accent: #4fc79a; } }
            body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--back); }
            main { max-width: 46rem; margin: 8vh auto; padding: 0 1.2rem; }
            h1 { font-size: 2.2rem; margin: 0 0 .2rem; } h1 span { color: var(--accent); }
            p.lead { color: var(--soft); margin: 0 0 1.6rem; } section p { color: var(--soft); margin: .2rem 0 .6rem; }
            section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.3rem; margin: 1rem 0; }
            h2 { font-size: 1rem; margin: 0 0 .5rem; } pre { overflow-x: auto; margin: .3rem 0; font-size: .86rem; }
            ul { columns: 18rem 2; padding-left: 1.1rem; margin: .2rem 0; } code { font-size: .86em; } a { color: var(--accent); }
            </style></head><body><main>
            <h1>Tollgate <span>&#9679;</span></h1>
            <p class="lead">One gateway to every language model. Version {version}, {count}.</p>
            <section><h2>Try it</h2>
            <pre>curl {url}/v1/chat/completions \\
              -H 'Content-Type: application/json' \\
            {key}  -d '{"model": "{model}", "messages": [{"role": "user", "content": "Hello"}]}'</pre></section>
            <section><h2>Look around</h2><ul>
            {open}</ul></section>
            {keyed}</main></body></html>
            """;

    private static final String KEYED = """
            <section><h2>With the key</h2>
            <p>A browser does not send the gateway's key, so ask for these from a terminal:</p>
            <pre>curl {url}/v1/models -H 'Authorization: Bearer YOUR_KEY'</pre>
            <ul>
            {closed}</ul></section>
            """;

    private record Place(String path, String what) {
        String link(String root) {
            return "<li><a href=\"" + root + path + "\">" + what + "</a></li>\n";
        }

        String text() {
            return "<li><code>" + path + "</code> " + what + "</li>\n";
        }
    }

    private static final List<Place> ALWAYS_OPEN =
            List.of(new Place("/health/readiness", "Readiness"), new Place("/health/liveliness", "Liveliness"));
    private static final List<Place> WITH_KEY = List.of(
            new Place("/v1/models", "Models"),
            new Place("/model/info", "Model details"),
            new Place("/health", "Health of every deployment"),
            new Place("/spend/logs", "Spend"));
    private static final Place METRICS = new Place("/metrics", "Metrics");

    private final Lane lane;

    Welcome(Lane lane) {
        this.lane = lane;
    }

    void page(RoutingContext context) {
        List<String> names = lane.config().models().names();
        // The page is for everyone; names of models are not where a key is needed.
        boolean open = lane.config().general().masterKey() == null;
        String root = escaped(lane.node().options().rootPath());
        StringBuilder links = new StringBuilder();
        StringBuilder closed = new StringBuilder();
        ALWAYS_OPEN.forEach(place -> links.append(place.link(root)));
        WITH_KEY.forEach(place -> {
            if (open) {
                links.append(place.link(root));
            } else {
                closed.append(place.text());
            }
        });
        if (open || !lane.config().general().metricsNeedKey()) {
            links.append(METRICS.link(root));
        } else {
            closed.append(METRICS.text());
        }
        ControlPlane.common(context)
                .response()
                .putHeader(Headers.CONTENT_TYPE, "text/html; charset=utf-8")
                .end(PAGE.replace("{open}", links)
                        .replace("{keyed}", open ? "" : KEYED.replace("{closed}", closed))
                        .replace("{version}", lane.node().options().version())
                        .replace("{count}", names.size() == 1 ? "1 model" : names.size() + " models")
                        .replace("{key}", open ? "" : "  -H 'Authorization: Bearer YOUR_KEY' \\\n")
                        .replace("{model}", escaped(open ? example(names) : "MODEL"))
                        .replace("{url}", escaped(origin(context.request())) + root));
    }

    /** As the visitor's browser reached this; a proxy in front says how in {@code X-Forwarded-Proto}. */
    private static String origin(HttpServerRequest request) {
        String host =
                request.authority() == null ? "localhost" : request.authority().toString();
        boolean secure = "https".equals(request.getHeader("x-forwarded-proto"));
        return (secure ? "https" : request.scheme()) + "://" + host;
    }

    private static String example(List<String> names) {
        return names.stream().filter(name -> !name.contains("*")).findFirst().orElse("MODEL");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
