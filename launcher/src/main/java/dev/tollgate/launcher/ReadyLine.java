package dev.tollgate.launcher;

import dev.tollgate.config.Snapshot;
import java.io.PrintWriter;
import java.util.List;

/** What a person sees when the gateway is up. */
final class ReadyLine {
    private static final int SHOWN = 12;

    private final PrintWriter out;

    ReadyLine(PrintWriter out) {
        this.out = out;
    }

    void print(Gateway gateway, Snapshot snapshot, boolean found) {
        if (!gateway.serves()) {
            out.println("Tollgate " + Main.VERSION
                    + " for the other nodes of its cluster, without a port for clients · " + counts(gateway, snapshot));
            out.flush();
            return;
        }
        String host = gateway.node().options().host();
        String shown = host.equals("0.0.0.0") ? "127.0.0.1" : host;
        String url = "http://" + shown + ":" + gateway.port()
                + gateway.node().options().rootPath();
        List<String> names = snapshot.models().names();
        boolean open = snapshot.general().masterKey() == null;
        if (open) {
            Logs.LOG.warn(
                    "No key is set: whoever reaches {}:{} can use it. Set LITELLM_MASTER_KEY to change that",
                    host,
                    gateway.port());
        }
        if (found) {
            out.println("No --config given. Models found: "
                    + String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
                    + (names.size() > SHOWN ? ", …" : ""));
            out.println("Try:  curl " + url + "/v1/chat/completions -H 'Content-Type: application/json'"
                    + (open ? "" : " -H 'Authorization: Bearer '\"$LITELLM_MASTER_KEY\"")
                    + " -d '{\"model\": \"" + example(names)
                    + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'");
        }
        out.println("Tollgate " + Main.VERSION + " on " + url + " · " + counts(gateway, snapshot));
        out.flush();
    }

    private static String counts(Gateway gateway, Snapshot snapshot) {
        long millis = (System.nanoTime() - gateway.node().startedNanos()) / 1_000_000;
        return count(snapshot.models().names().size(), "model") + " · "
                + count(gateway.node().lanes(), "lane") + " · ready in " + millis + " ms";
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String example(List<String> names) {
        for (String name : names) {
            if (!name.contains("*")) {
                return name;
            }
        }
        return "echo";
    }
}
