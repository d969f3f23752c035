package dev.tollgate.config;

import java.util.ArrayList;
import java.util.List;

/** The table that {@code tollgate check} prints: every model as it was resolved. Of keys it says only whether there is one. */
public final class ModelReport {
    private ModelReport() {}

    /** The table with fallbacks and aliases below it. */
    public static String of(Snapshot snapshot) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"MODEL", "PROVIDER/MODEL", "API BASE", "KEY", "NOTES"});
        for (Deployment deployment : snapshot.models().deployments()) {
            rows.add(new String[] {
                deployment.group(),
                deployment.qualifiedModel(),
                deployment.apiBase().isEmpty() ? "-" : masked(deployment.apiBase()),
                deployment.apiKey() == null ? "none" : deployment.apiKey().toString(),
                notes(deployment)
            });
        }
        StringBuilder text = new StringBuilder();
        table(rows, text);
        snapshot.models()
                .aliases()
                .forEach((alias, target) -> text.append("alias     ")
                        .append(alias)
                        .append(" -> ")
                        .append(target)
                        .append('\n'));
        snapshot.router()
                .fallbacks()
                .forEach((group, targets) -> text.append("fallback  ")
                        .append(group)
                        .append(" -> ")
                        .append(String.join(" -> ", targets))
                        .append('\n'));
        return text.toString();
    }

    /** Without what may be a secret: a password before the host, the values of a query. */
    private static String masked(String url) {
        return url.replaceFirst("//[^/?#@]*@", "//***@").replaceAll("([?&][^=&]*)=[^&]*", "$1=***");
    }

    private static String notes(Deployment deployment) {
        List<String> notes = new ArrayList<>();
        Deployment.Routing routing = deployment.routing();
        if (routing.weight() != null) {
            notes.add("weight " + routing.weight());
        }
        if (routing.rpm() != null) {
            notes.add("rpm " + routing.rpm());
        }
        if (routing.tpm() != null) {
            notes.add("tpm " + routing.tpm());
        }
        if (routing.order() != null) {
            notes.add("order " + routing.order());
        }
        if (!deployment.prices().isEmpty()) {
            notes.add("own prices");
        }
        if (!deployment.defaults().isEmpty()) {
            notes.add("sets " + String.join(", ", deployment.defaults().keySet()));
        }
        if (deployment.mockResponse() != null) {
            notes.add("mock");
        }
        return String.join("; ", notes);
    }

    private static void table(List<String[]> rows, StringBuilder text) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }
}
