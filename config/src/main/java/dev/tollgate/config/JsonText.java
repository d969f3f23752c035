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
    private static final String SUM = "sha256:";

    private JsonText() {}

    static String of(ConfigNode node) {
        return text(node, false);
    }

    /** The same, but what a variable or a sum stands for is left as it was written: equal on nodes whose variables differ. */
    static String written(ConfigNode node) {
        return text(node, true);
    }

    /** A sum of a value that must not be shown; the same on every node. */
    static String sum(ConfigNode node) {
        return node instanceof ConfigNode.Scalar scalar
                        && scalar.written() != null
                        && scalar.written().startsWith(SUM)
                ? scalar.written()
                : SUM + DeploymentReader.sha256(written(node));
    }

    private static String text(ConfigNode node, boolean asWritten) {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(out)) {
            write(node, generator, asWritten);
        } catch (IOException e) {
            throw new UncheckedIOException("A string can always be written", e);
        }
        return out.toString();
    }

    private static void write(ConfigNode node, JsonGenerator generator, boolean asWritten) throws IOException {
        switch (node) {
            case ConfigNode.Mapping mapping -> {
                generator.writeStartObject();
                for (var entry : mapping.entries().entrySet()) {
                    generator.writeFieldName(entry.getKey());
                    write(entry.getValue().value(), generator, asWritten);
                }
                generator.writeEndObject();
            }
            case ConfigNode.Sequence sequence -> {
                generator.writeStartArray();
                for (ConfigNode item : sequence.items()) {
                    write(item, generator, asWritten);
                }
                generator.writeEndArray();
            }
            case ConfigNode.Scalar scalar -> {
                if (asWritten && scalar.written() != null) {
                    generator.writeString(scalar.written());
                } else {
                    scalar(scalar, generator);
                }
            }
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
