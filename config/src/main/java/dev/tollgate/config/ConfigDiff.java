package dev.tollgate.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what a reload changed, for the log; never a secret. */
public final class ConfigDiff {
    private ConfigDiff() {}

    /** One line a change; empty when nothing changed that matters. */
    public static List<String> describe(Snapshot before, Snapshot after) {
        List<String> lines = new ArrayList<>();
        Map<String, Deployment> old = byId(before);
        Map<String, Deployment> fresh = byId(after);
        fresh.forEach((id, deployment) -> {
            if (!old.containsKey(id)) {
                lines.add("model added: " + deployment.group() + " (" + deployment.qualifiedModel() + ")");
            } else if (!deployment.equals(old.get(id)) && !sameButForPlace(deployment, old.get(id))) {
                lines.add("model changed: " + deployment.group() + " (" + deployment.qualifiedModel() + ")");
            }
        });
        old.forEach((id, deployment) -> {
            if (!fresh.containsKey(id)) {
                lines.add("model removed: " + deployment.group() + " (" + deployment.qualifiedModel() + ")");
            }
        });
        if (!before.models().aliases().equals(after.models().aliases())) {
            lines.add("aliases changed");
        }
        if (!before.router().equals(after.router())) {
            lines.add("router settings changed");
        }
        if (!before.general().equals(after.general())) {
            lines.add("general settings changed");
        }
        if (!before.storing().equals(after.storing())) {
            lines.add("what is said about models of the admin API changed");
        }
        if (!sameKeys(before.virtualKeys(), after.virtualKeys())) {
            lines.add("virtual keys changed: there are " + after.virtualKeys().size() + " in the file");
        }
        return lines;
    }

    private static boolean sameKeys(List<VirtualKey> before, List<VirtualKey> after) {
        if (before.size() != after.size()) {
            return false;
        }
        for (int i = 0; i < before.size(); i++) {
            if (!before.get(i).sameAs(after.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Deployment> byId(Snapshot snapshot) {
        Map<String, Deployment> found = new LinkedHashMap<>();
        snapshot.models().deployments().forEach(deployment -> found.put(deployment.id(), deployment));
        return found;
    }

    private static boolean sameButForPlace(Deployment a, Deployment b) {
        return new Deployment(
                        a.id(),
                        a.group(),
                        a.provider(),
                        a.upstreamModel(),
                        a.apiBase(),
                        a.apiKey(),
                        a.apiVersion(),
                        a.organization(),
                        a.extraHeaders(),
                        a.defaults(),
                        a.routing(),
                        a.prices(),
                        a.info(),
                        a.mockResponse(),
                        b.origin())
                .equals(b);
    }
}
