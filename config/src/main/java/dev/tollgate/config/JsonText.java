package dev.tollgate.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;

/** Writes a configuration value as JSON text, as it will stand in a request body. */
final class JsonText {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonText() {}

    static String of(ConfigNode node) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(out)) {
            write(node, generator);
        } catch (IOException e) {
            throw new UncheckedIOException("A string can always be written", e);
        }
        return out.toString();
    }

    private static void write(ConfigNode node, JsonGenerator generator) throws IOException {
        switch (node) {
            case ConfigNode.Mapping mapping -> {
                generator.writeStartObject();
                for (var entry : mapping.entries().entrySet()) {
                    generator.writeFieldName(entry.getKey());
                    write(entry.getValue().value(), generator);
                }
                generator.writeEndObject();
            }
            case ConfigNode.Sequence sequence -> {
                generator.writeStartArray();
                for (ConfigNode item : sequence.items()) {
                    write(item, generator);
                }
                generator.writeEndArray();
            }
            case ConfigNode.Scalar scalar -> scalar(scalar, generator);
        }
    }

    private static void scalar(ConfigNode.Scalar scalar, JsonGenerator generator) throws IOException {
        switch (scalar.type()) {
            case NULL, UNSET -> generator.writeNull();
            case BOOLEAN -> generator.writeBoolean(Boolean.parseBoolean(scalar.text()));
            case INTEGER, DECIMAL -> {
                try {
                    generator.writeNumber(new BigDecimal(scalar.text()));
                } catch (NumberFormatException _) {
                    generator.writeString(scalar.text());
                }
            }
            case TEXT -> generator.writeString(scalar.text());
        }
    }
}
