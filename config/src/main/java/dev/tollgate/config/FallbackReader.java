package dev.tollgate.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads lists of fallbacks, {@code [{a: [b, c]}, …]}; a target may be a name or a mapping with its {@code model}. */
final class FallbackReader {
    private final Problems problems;

    FallbackReader(Problems problems) {
        this.problems = problems;
    }

    Map<String, List<String>> read(Section section, String key) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        for (ConfigNode item : section.list(key)) {
            if (!(item instanceof ConfigNode.Mapping mapping)) {
                problems.error(item.origin(), "`" + key + "` is a list of mappings such as - gpt-4o: [claude]");
                continue;
            }
            Section entry = new Section(key, mapping, problems);
            for (String group : entry.keys()) {
                found.put(group, targets(entry, group));
            }
        }
        return found;
    }

    private List<String> targets(Section entry, String group) {
        List<String> targets = new ArrayList<>();
        for (ConfigNode target : entry.list(group)) {
            if (target instanceof ConfigNode.Mapping mapping) {
                String model = model(new Section(group, mapping, problems), target);
                if (model != null) {
                    targets.add(model);
                }
            } else if (target instanceof ConfigNode.Scalar scalar && !scalar.empty()) {
                targets.add(scalar.text());
            } else if (!(target instanceof ConfigNode.Scalar scalar) || scalar.type() != ConfigNode.Type.UNSET) {
                problems.error(target.origin(), "a fallback must be a model's name, not " + target.kind());
            }
        }
        return targets;
    }

    /** In LiteLLM whatever else stands there changes the call. */
    private @Nullable String model(Section target, ConfigNode at) {
        for (String key : target.keys()) {
            if (!key.equals("model")) {
                problems.warn(
                        target.keyOrigin(key),
                        "`" + key
                                + "` of a fallback is not done here: only its `model` counts, and the call goes on unchanged");
            }
        }
        String model = target.text("model");
        if (model == null && !target.unset("model")) {
            problems.error(at.origin(), "a fallback needs a `model`");
        }
        return model;
    }
}
