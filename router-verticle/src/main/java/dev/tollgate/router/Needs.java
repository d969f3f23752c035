package dev.tollgate.router;

import dev.tollgate.protocol.Call;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a model must be able to do for a call, in LiteLLM's {@code supports_…} flags: take tools, keep to a JSON schema, see. Read from
 * the members that the scan found, and, for what stands deeper, from the body's bytes: a prompt that talks about these words is sent
 * to a model that knows more than it needs, never to one that knows less.
 */
final class Needs {
    private static final byte[] SCHEMA = ascii("\"json_schema\"");
    private static final List<byte[]> PICTURES =
            List.of(ascii("\"image_url\""), ascii("\"input_image\""), ascii("\"image\""));

    private Needs() {}

    static Set<String> of(Call call) {
        List<String> present = call.envelope().present();
        Set<String> needs = new HashSet<>();
        if (present.contains("tools") || present.contains("functions")) {
            needs.add("supports_function_calling");
        }
        byte[] body = call.body().getBytes();
        if (present.contains("response_format") && contains(body, SCHEMA)) {
            needs.add("supports_response_schema");
        }
        if (PICTURES.stream().anyMatch(picture -> contains(body, picture))) {
            needs.add("supports_vision");
        }
        return needs;
    }

    private static boolean contains(byte[] body, byte[] mark) {
        for (int i = 0; i + mark.length <= body.length; i++) {
            if (body[i] == '"' && body[i + 1] == mark[1] && matches(body, i, mark)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] body, int at, byte[] mark) {
        for (int i = 2; i < mark.length; i++) {
            if (body[at + i] != mark[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
