package dev.tollgate.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodySpliceTest {
    private static final Set<String> OURS = Set.of("timeout", "tags", "num_retries");
    private static final ObjectMapper STRICT =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static Deployment deployment(Map<String, String> defaults) {
        return new Deployment(
                "id",
                "group",
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "up",
                "",
                null,
                null,
                null,
                Map.of(),
                defaults,
                Deployment.Routing.NONE,
                Map.of(),
                Deployment.Info.NONE,
                null,
                null);
    }

    /** What the gateway's scan finds, found with less care for speed. */
    private static Envelope scan(String body) throws IOException {
        Span model = null;
        Span options = null;
        boolean stream = false;
        boolean usage = false;
        List<Span> ours = new ArrayList<>();
        List<String> present = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(body.getBytes(StandardCharsets.UTF_8))) {
            parser.nextToken();
            int bodyStart = (int) parser.currentLocation().getByteOffset();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int nameStart = (int) parser.currentTokenLocation().getByteOffset();
                String name = parser.currentName();
                present.add(name);
                JsonToken value = parser.nextToken();
                int start = (int) parser.currentTokenLocation().getByteOffset();
                if (name.equals("stream")) {
                    stream = value == JsonToken.VALUE_TRUE;
                } else if (name.equals("stream_options") && value == JsonToken.START_OBJECT) {
                    while (parser.nextToken() == JsonToken.FIELD_NAME) {
                        boolean asks = parser.currentName().equals("include_usage");
                        JsonToken option = parser.nextToken();
                        usage = asks ? option == JsonToken.VALUE_TRUE : usage;
                        parser.skipChildren();
                    }
                }
                parser.skipChildren();
                parser.finishToken();
                int end = (int) parser.currentLocation().getByteOffset();
                switch (name) {
                    case "model" -> model = new Span(start, end);
                    case "stream_options" -> options = new Span(start, end);
                    default -> {
                        if (OURS.contains(name)) {
                            ours.add(new Span(nameStart, end));
                        }
                    }
                }
            }
            return new Envelope(
                    "m",
                    model,
                    bodyStart,
                    !present.isEmpty(),
                    stream,
                    usage,
                    options,
                    0,
                    null,
                    List.of(),
                    ours,
                    present,
                    Envelope.Overrides.NONE);
        }
    }

    private static String spliced(String body, Map<String, String> defaults, BodySplice.StreamUsage usage)
            throws IOException {
        return BodySplice.splice(Buffer.buffer(body), scan(body), deployment(defaults), "up \"1\"", usage)
                .toString(StandardCharsets.UTF_8);
    }

    /** The same by a tree. */
    private static ObjectNode edited(String body, Map<String, String> defaults, BodySplice.StreamUsage usage)
            throws IOException {
        ObjectNode tree = (ObjectNode) STRICT.readTree(body);
        ObjectNode missing = STRICT.createObjectNode();
        for (Map.Entry<String, String> parameter : defaults.entrySet()) {
            missing.set(parameter.getKey(), STRICT.readTree(parameter.getValue()));
        }
        JsonNode extra = missing.remove("extra_body");
        if (extra != null) {
            missing.setAll((ObjectNode) extra);
        }
        missing.remove("model");
        tree.fieldNames().forEachRemaining(missing::remove);
        boolean asked = tree.path("stream_options").path("include_usage").isBoolean()
                && tree.path("stream_options").path("include_usage").booleanValue();
        tree.setAll(missing);
        if (usage == BodySplice.StreamUsage.ASK && tree.path("stream").asText().equals("true") && !asked) {
            ObjectNode options =
                    tree.path("stream_options") instanceof ObjectNode given ? given : STRICT.createObjectNode();
            tree.set("stream_options", options.put("include_usage", true));
        }
        OURS.forEach(tree::remove);
        return tree.put("model", "up \"1\"");
    }

    /** Bodies with members in any order, blanks anywhere, and names and texts written in every way JSON knows. */
    private static final class Bodies {
        private final Random random;

        Bodies(Random random) {
            this.random = random;
        }

        String next() {
            List<String> members = new ArrayList<>();
            if (random.nextInt(4) > 0) {
                members.add(name("model") + blank() + ":" + blank() + text("gpt-4o é"));
            }
            for (String ours : OURS) {
                for (int i = random.nextInt(4); i > 1; i--) {
                    members.add(name(ours) + ":" + blank() + value(2));
                }
            }
            if (random.nextBoolean()) {
                members.add(name("stream") + ":" + blank() + random.nextBoolean());
            }
            if (random.nextInt(3) == 0) {
                members.add(name("stream_options") + blank() + ":"
                        + List.of(
                                        "null",
                                        "{}",
                                        "{\"include_usage\" : false}",
                                        "{ \"x\":[1],\"include_usage\":true}",
                                        "{\"include_obfuscation\":false }",
                                        "7")
                                .get(random.nextInt(6)));
            }
            for (int i = random.nextInt(4); i > 0; i--) {
                members.add(name("free" + random.nextInt(5)) + ":" + value(3));
            }
            Collections.shuffle(members, random);
            StringBuilder body = new StringBuilder(blank()).append('{').append(blank());
            for (int i = 0; i < members.size(); i++) {
                body.append(i == 0 ? "" : "," + blank()).append(members.get(i)).append(blank());
            }
            return body.append('}').append(blank()).toString();
        }

        private String blank() {
            return List.of("", "", "", " ", "\n", "\r\n\t ").get(random.nextInt(6));
        }

        private String name(String name) {
            return text(name);
        }

        private String text(String text) {
            StringBuilder written = new StringBuilder("\"");
            text.codePoints().forEach(point -> {
                String plain = Character.toString(point);
                if (random.nextInt(8) == 0) {
                    plain.chars().forEach(unit -> written.append(String.format("\\u%04x", unit)));
                } else {
                    written.append(plain);
                }
            });
            return written.append('"').toString();
        }

        private String value(int depth) {
            return switch (random.nextInt(depth == 0 ? 4 : 6)) {
                case 0 -> String.valueOf(random.nextInt());
                case 1 -> text("\uD83D\uDE80 Grüße , } ] {");
                case 2 -> "\"\\\" \\\\ \\n ,}\"";
                case 3 -> "null";
                case 4 -> "[" + value(depth - 1) + blank() + "," + value(depth - 1) + "]";
                default -> "{\"model\":" + value(depth - 1) + ",\"timeout\":" + blank() + value(depth - 1) + "}";
            };
        }
    }

    @Test
    void splicingIsEditingTheTree() throws IOException {
        Random random = new Random(20260101);
        Bodies bodies = new Bodies(random);
        List<Map<String, String>> settings = List.of(
                Map.of(),
                Map.of("free1", "0.5", "free2", "[1, 2]", "timeouts", "\"x\""),
                Map.of("stream_options", "{\"include_obfuscation\":true}", "free3", "null"),
                Map.of("extra_body", "{ \"free1\" : 1, \"model\":\"no\", \"other\":{\"a\":[]} }", "other", "2"),
                Map.of("extra_body", "{}"));
        for (int i = 0; i < 6_000; i++) {
            String body = bodies.next();
            Map<String, String> defaults = settings.get(random.nextInt(settings.size()));
            BodySplice.StreamUsage usage =
                    random.nextBoolean() ? BodySplice.StreamUsage.ASK : BodySplice.StreamUsage.LEAVE;
            String result = spliced(body, defaults, usage);
            assertThat(STRICT.readTree(result))
                    .as("%s %s %s gave %s", body, defaults, usage, result)
                    .isEqualTo(edited(body, defaults, usage));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"m\",\"a\":1}|{\"model\":\"up \\\"1\\\"\",\"a\":1}",
                "{ \"a\" : 1 , \"model\" : \"m\" }|{ \"a\" : 1 , \"model\" : \"up \\\"1\\\"\" }",
                "{}|{\"model\":\"up \\\"1\\\"\"}",
                "{\"timeout\":5}|{\"model\":\"up \\\"1\\\"\"}",
                "{\"model\":\"m\",\"timeout\":5, \"tags\":[] }|{\"model\":\"up \\\"1\\\"\" }",
                "{\"timeout\":5, \"tags\":[], \"model\":\"m\"}|{ \"model\":\"up \\\"1\\\"\"}",
            })
    void untouchedBytesStayAsTheClientWroteThem(String body, String expected) throws IOException {
        assertThat(spliced(body, Map.of(), BodySplice.StreamUsage.ASK)).isEqualTo(expected);
    }

    @Test
    void noMemberIsWrittenTwice() throws IOException {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("stream_options", "{\"a\":1}");
        defaults.put("extra_body", "{\"temperature\":1,\"top_k\":2,\"model\":\"no\"}");
        defaults.put("top_k", "3");
        String body = "{\"model\":\"m\",\"stream\":true,\"temperature\":0}";
        String result = spliced(body, defaults, BodySplice.StreamUsage.ASK);
        assertThat(STRICT.reader()
                        .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                        .readTree(result))
                .isEqualTo(STRICT.readTree("{\"stream_options\":{\"a\":1,\"include_usage\":true},\"top_k\":2,"
                        + "\"model\":\"up \\\"1\\\"\",\"stream\":true,\"temperature\":0}"));
    }
}
