package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ModelAccess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The deployments in force, of the file and of the admin API, in LiteLLM's shapes; what may be secret is not among it. */
final class ModelInfo {
    private static final int USUAL_PAGE = 50;
    private static final int MOST_ON_A_PAGE = 1_000;

    private final Lane lane;

    ModelInfo(Lane lane) {
        this.lane = lane;
    }

    /** {@code /model/info}: all at once. */
    void all(RoutingContext context) {
        String wanted = context.queryParams().get("litellm_model_id");
        JsonArray data = new JsonArray();
        visible(context).stream()
                .filter(deployment -> wanted == null || wanted.equals(deployment.id()))
                .forEach(deployment -> data.add(row(deployment)));
        ControlPlane.json(context, new JsonObject().put("data", data));
    }

    /** {@code /v2/model/info}: by pages. */
    void page(RoutingContext context) {
        String model = context.queryParams().get("model");
        String id = context.queryParams().get("modelId");
        String search = context.queryParams().get("search");
        int page = number(context, "page", 1, Integer.MAX_VALUE);
        int size = number(context, "size", USUAL_PAGE, MOST_ON_A_PAGE);
        if (page < 1 || size < 1) {
            ControlPlane.failed(
                    context,
                    Failure.of(
                            FailureKind.BAD_REQUEST,
                            "`page` and `size` must be whole numbers from 1, `size` up to " + MOST_ON_A_PAGE));
            return;
        }
        List<Deployment> found = visible(context).stream()
                .filter(deployment -> model == null || model.equals(deployment.group()))
                .filter(deployment -> id == null || id.equals(deployment.id()))
                .filter(deployment -> search == null
                        || deployment.group().toLowerCase(Locale.ROOT).contains(search.toLowerCase(Locale.ROOT)))
                .toList();
        JsonArray data = new JsonArray();
        found.stream().skip((page - 1L) * size).limit(size).forEach(deployment -> data.add(row(deployment)));
        ControlPlane.json(
                context,
                new JsonObject()
                        .put("data", data)
                        .put("total_count", found.size())
                        .put("current_page", page)
                        .put("total_pages", (found.size() + size - 1) / size)
                        .put("size", size));
    }

    /** 0: it is none. */
    private static int number(RoutingContext context, String name, int usual, int most) {
        String text = context.queryParams().get(name);
        try {
            int value = text == null ? usual : Integer.parseInt(text);
            return value > most ? 0 : value;
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** {@code /model_group/info}: what the deployments of a name have together. */
    void groups(RoutingContext context) {
        String wanted = context.queryParams().get("model_group");
        Map<String, List<Deployment>> groups = new LinkedHashMap<>();
        visible(context).stream()
                .filter(deployment -> wanted == null || wanted.equals(deployment.group()))
                .forEach(deployment -> groups.computeIfAbsent(deployment.group(), _ -> new ArrayList<>())
                        .add(deployment));
        List<FactsQuestion.Model> models = new ArrayList<>();
        groups.values().forEach(members -> members.forEach(member -> models.add(model(member))));
        lane.bus()
                .<FactsQuestion, FactsAnswer>ask(Addresses.FACTS, new FactsQuestion(models))
                .otherwise(new FactsAnswer(Map.of()))
                .onSuccess(answer -> {
                    JsonArray data = new JsonArray();
                    groups.forEach((name, members) -> data.add(group(name, members, answer.facts())));
                    ControlPlane.json(context, new JsonObject().put("data", data));
                });
    }

    private static FactsQuestion.Model model(Deployment deployment) {
        return new FactsQuestion.Model(deployment.id(), deployment.upstreamModel());
    }

    private static JsonObject group(
            String name, List<Deployment> members, Map<FactsQuestion.Model, FactsAnswer.Facts> known) {
        List<FactsAnswer.Facts> facts = members.stream()
                .map(member -> known.get(model(member)))
                .filter(each -> each != null)
                .toList();
        JsonObject group = new JsonObject()
                .put("model_group", name)
                .put(
                        "providers",
                        new JsonArray(members.stream()
                                .map(member -> member.provider().name())
                                .distinct()
                                .toList()))
                .put("max_input_tokens", most(facts, each -> each.maxInputTokens() == 0 ? null : each.maxInputTokens()))
                .put("input_cost_per_token", most(facts, FactsAnswer.Facts::inputPrice))
                .put("output_cost_per_token", most(facts, FactsAnswer.Facts::outputPrice))
                .put("mode", members.getFirst().info().mode())
                .put("tpm", sum(members, member -> member.routing().tpm()))
                .put("rpm", sum(members, member -> member.routing().rpm()))
                .put("is_public_model_group", false);
        facts.forEach(each -> each.supports().stream().sorted().forEach(flag -> group.put(flag, true)));
        return group;
    }

    private static <T extends Comparable<T>> @Nullable T most(
            List<FactsAnswer.Facts> facts, Function<FactsAnswer.Facts, @Nullable T> value) {
        T most = null;
        for (FactsAnswer.Facts each : facts) {
            T one = value.apply(each);
            if (one != null && (most == null || one.compareTo(most) > 0)) {
                most = one;
            }
        }
        return most;
    }

    private static @Nullable Long sum(List<Deployment> members, Function<Deployment, @Nullable Long> value) {
        Long sum = null;
        for (Deployment member : members) {
            Long one = value.apply(member);
            if (one != null) {
                sum = sum == null ? one : (Long) Math.addExact(sum, one);
            }
        }
        return sum;
    }

    private List<Deployment> visible(RoutingContext context) {
        ModelAccess access = ControlPlane.caller(context).models();
        return lane.config().models().deployments().stream()
                .filter(deployment -> access.allows(deployment.group()))
                .toList();
    }

    private static JsonObject row(Deployment deployment) {
        JsonObject params = new JsonObject().put("model", deployment.qualifiedModel());
        if (!deployment.apiBase().isEmpty()) {
            params.put("api_base", deployment.apiBase().replaceAll("//[^/@]*@", "//****@"));
        }
        putIfSet(params, "weight", deployment.routing().weight());
        putIfSet(params, "rpm", deployment.routing().rpm());
        putIfSet(params, "tpm", deployment.routing().tpm());
        putIfSet(params, "order", deployment.routing().order());
        JsonObject info = new JsonObject(deployment.info().json())
                .put("id", deployment.id())
                .put(
                        "db_model",
                        deployment.origin() != null && !deployment.origin().inFile())
                .put("litellm_provider", deployment.provider().name());
        deployment.prices().forEach(info::put);
        return new JsonObject()
                .put("model_name", deployment.group())
                .put("litellm_params", params)
                .put("model_info", info);
    }

    private static void putIfSet(JsonObject object, String name, @Nullable Object value) {
        if (value != null) {
            object.put(name, value);
        }
    }
}
