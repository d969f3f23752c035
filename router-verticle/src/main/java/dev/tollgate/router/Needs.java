package dev.tollgate.router;

import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.QuotedTexts;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a model must be able to do for a call, in LiteLLM's {@code supports_…} flags: take tools, keep to a JSON schema, see. Read from
 * the members that the scan found, and, for what stands deeper, from the body's bytes: a prompt that talks about these words is sent
 * to a model that knows more than it needs, never to one that knows less.
 */
final class Needs {
    private static final QuotedTexts SCHEMA = QuotedTexts.of("json_schema");
    private static final QuotedTexts PICTURES = QuotedTexts.of("image_url", "input_image", "image");

    private Needs() {}

    static Set<String> of(Call call) {
        List<String> present = call.envelope().present();
        Set<String> needs = new HashSet<>();
        if (present.contains("tools") || present.contains("functions")) {
            needs.add("supports_function_calling");
        }
        byte[] body = call.body().getBytes();
        if (present.contains("response_format") && SCHEMA.in(body)) {
            needs.add("supports_response_schema");
        }
        if (PICTURES.in(body)) {
            needs.add("supports_vision");
        }
        return needs;
    }
}
