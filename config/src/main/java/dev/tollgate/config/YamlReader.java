package dev.tollgate.config;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one YAML file into positioned nodes. YAML 1.2 with the core schema, plus the merge key {@code <<} that many files use.
 * Duplicate keys are errors. What aliases expand to is counted, so that a file of a few lines cannot fill the memory.
 */
final class YamlReader {
    private static final int MOST_NODES = 200_000;
    private static final int DEEPEST = 100;

    private final String file;
    private final Problems problems;
    private final IdentityHashMap<Node, Boolean> open = new IdentityHashMap<>();
    private int nodes;

    private YamlReader(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** What the bytes say, or null when they say nothing or cannot be understood (then said in {@code problems}). */
    static @Nullable ConfigNode read(String file, byte[] content, Problems problems) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException _) {
            problems.error(new Origin(file, 1, 1), "the file is not UTF-8 text");
            return null;
        }
        return new YamlReader(file, problems).parse(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    private @Nullable ConfigNode parse(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setSchema(new CoreSchema())
                .setUseMarks(true)
                .setMaxAliasesForCollections(10_000)
                .setCodePointLimit(64 << 20)
                .build();
        try {
            Optional<Node> root = new Compose(settings).composeString(text);
            return root.isEmpty() ? null : convert(root.get(), 0);
        } catch (MarkedYamlEngineException e) {
            Origin origin = e.getProblemMark().map(this::origin).orElse(new Origin(file, 1, 1));
            problems.error(origin, "not valid YAML: " + e.getProblem());
            return null;
        } catch (YamlEngineException e) {
            problems.error(new Origin(file, 1, 1), "not valid YAML: " + e.getMessage());
            return null;
        } catch (StackOverflowError _) {
            // The parser goes down one level of Java's stack for each level of the file.
            problems.error(new Origin(file, 1, 1), "too deeply nested");
            return null;
        }
    }

    private Origin origin(Mark mark) {
        return new Origin(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private Origin origin(Node node) {
        return node.getStartMark().map(this::origin).orElse(new Origin(file, 1, 1));
    }

    private ConfigNode convert(Node node, int depth) {
        Origin origin = origin(node);
        if (++nodes > MOST_NODES || depth > DEEPEST || open.containsKey(node)) {
            if (nodes <= MOST_NODES + 1) {
                problems.error(origin, "too large or too deep once its aliases are expanded");
                nodes = MOST_NODES + 1;
            }
            return new ConfigNode.Scalar(origin, ConfigNode.Type.NULL, "");
        }
        open.put(node, true);
        try {
            return switch (node) {
                case MappingNode mapping -> mapping(mapping, origin, depth);
                case SequenceNode sequence -> {
                    List<ConfigNode> items = new ArrayList<>();
                    sequence.getValue().forEach(item -> items.add(convert(item, depth + 1)));
                    yield new ConfigNode.Sequence(origin, items);
                }
                case ScalarNode scalar -> scalar(scalar, origin);
                default -> new ConfigNode.Scalar(origin, ConfigNode.Type.NULL, "");
            };
        } finally {
            open.remove(node);
        }
    }

    private static ConfigNode.Scalar scalar(ScalarNode node, Origin origin) {
        ConfigNode.Type type = type(node.getTag());
        String text = node.getValue();
        boolean based = type == ConfigNode.Type.INTEGER && (text.startsWith("0x") || text.startsWith("0o"));
        return new ConfigNode.Scalar(
                origin,
                type,
                based ? new BigInteger(text.substring(2), text.charAt(1) == 'x' ? 16 : 8).toString() : text);
    }

    private static ConfigNode.Type type(Tag tag) {
        if (tag.equals(Tag.INT)) {
            return ConfigNode.Type.INTEGER;
        }
        if (tag.equals(Tag.FLOAT)) {
            return ConfigNode.Type.DECIMAL;
        }
        if (tag.equals(Tag.BOOL)) {
            return ConfigNode.Type.BOOLEAN;
        }
        return tag.equals(Tag.NULL) ? ConfigNode.Type.NULL : ConfigNode.Type.TEXT;
    }

    private ConfigNode mapping(MappingNode mapping, Origin origin, int depth) {
        Map<String, ConfigNode.Entry> own = new LinkedHashMap<>();
        Map<String, ConfigNode.Entry> merged = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Origin keyOrigin = origin(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.error(keyOrigin, "a key must be plain text");
                continue;
            }
            ConfigNode value = convert(tuple.getValueNode(), depth + 1);
            if (key.getValue().equals("<<")) {
                merge(value, merged);
            } else if (own.putIfAbsent(key.getValue(), new ConfigNode.Entry(keyOrigin, value)) != null) {
                problems.error(
                        keyOrigin,
                        "the key `" + key.getValue() + "` is given twice; the first is at "
                                + own.get(key.getValue()).keyOrigin());
            }
        }
        merged.forEach(own::putIfAbsent);
        return new ConfigNode.Mapping(origin, own);
    }

    private void merge(ConfigNode value, Map<String, ConfigNode.Entry> merged) {
        switch (value) {
            case ConfigNode.Mapping mapping -> mapping.entries().forEach(merged::putIfAbsent);
            case ConfigNode.Sequence sequence -> sequence.items().forEach(item -> merge(item, merged));
            case ConfigNode.Scalar scalar -> problems.error(scalar.origin(), "`<<` must name a mapping");
        }
    }
}
