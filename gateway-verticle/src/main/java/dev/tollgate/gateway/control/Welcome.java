package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.gateway.http.Headers;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** The page at {@code /}: what this is, that it works, and how to call it. */
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
            p.lead { color: var(--soft); margin: 0 0 1.6rem; }
            section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.3rem; margin: 1rem 0; }
            h2 { font-size: 1rem; margin: 0 0 .5rem; } pre { overflow-x: auto; margin: .3rem 0; font-size: .86rem; }
            ul { columns: 2; padding-left: 1.1rem; margin: .2rem 0; } code { font-size: .9em; } a { color: var(--accent); }
            </style></head><body><main>
            <h1>Tollgate <span>&#9679;</span></h1>
            <p class="lead">One gateway to every language model. Version {version}, {count}.</p>
            <section><h2>Try it</h2><pre>curl {url}/v1/chat/completions \\
              -H 'Content-Type: application/json' \\
            {key}              -d '{"model": "{model}", "messages": [{"role": "user", "content": "Hello"}]}'</pre></section>
            <section><h2>Look around</h2><ul>
            <li><a href="{root}/v1/models">Models</a></li><li><a href="{root}/health/readiness">Readiness</a></li>
            <li><a href="{root}/health">Health of every deployment</a></li><li><a href="{root}/metrics">Metrics</a></li>
            <li><a href="{root}/model/info">Model details</a></li><li><a href="{root}/spend/logs">Spend</a></li></ul></section>
            </main></body></html>
            """;

    private final Lane lane;

    Welcome(Lane lane) {
        this.lane = lane;
    }

    void page(RoutingContext context) {
        List<String> names = lane.config().models().names();
        String host = context.request().authority() == null
                ? "localhost"
                : context.request().authority().toString();
        // The page is for everyone; names of models are not where a key is needed.
        boolean open = lane.config().general().masterKey() == null;
        String root = lane.node().options().rootPath();
        ControlPlane.common(context)
                .response()
                .putHeader(Headers.CONTENT_TYPE, "text/html; charset=utf-8")
                .end(PAGE.replace("{version}", lane.node().options().version())
                        .replace("{count}", names.size() == 1 ? "1 model" : names.size() + " models")
                        .replace("{key}", open ? "" : "  -H 'Authorization: Bearer YOUR_KEY' \\\n")
                        .replace("{model}", escaped(open ? example(names) : "MODEL"))
                        .replace("{root}", escaped(root))
                        .replace("{url}", escaped(context.request().scheme() + "://" + host + root)));
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
