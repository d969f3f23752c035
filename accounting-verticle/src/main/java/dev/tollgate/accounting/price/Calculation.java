package dev.tollgate.accounting.price;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /spend/calculate}: what a call costs. With a {@code completion_response} exactly, by its {@code usage}; with
 * {@code messages} the prompt alone, its tokens estimated (four bytes each, and four for a message), which the answer then says.
 * The model is one of the configuration's names, else one of the price list's.
 */
public final class Calculation {
    private static final int BYTES_A_TOKEN = 4;
    private static final int TOKENS_A_MESSAGE = 4;

    private final Prices prices;
    private final ModelTable models;
    private final Instant time;

    /** For one configuration, at the prices of a time. */
    public Calculation(Prices prices, ModelTable models, Instant time) {
        this.prices = prices;
        this.models = models;
        this.time = time;
    }

    /**
     * The answer: {@code cost} in dollars.
     *
     * @throws IllegalArgumentException with words for the client, when the question cannot be answered
     */
    public JsonObject answer(@Nullable Buffer body) {
        JsonObject question = object(body);
        try {
            JsonObject response = question.getJsonObject("completion_response");
            JsonArray messages = question.getJsonArray("messages");
            String model = question.getString("model", response == null ? null : response.getString("model"));
            if (model == null || model.isBlank() || (response == null && messages == null)) {
                throw new IllegalArgumentException(
                        "Give `model` and `messages`, or a `completion_response` with its `model` and `usage`");
            }
            Tariff tariff = tariff(model);
            if (response != null) {
                return new JsonObject()
                        .put("cost", Money.dollars(tariff.nanos(usage(response).in(tier(response)))));
            }
            return new JsonObject()
                    .put(
                            "cost",
                            Money.dollars(
                                    tariff.nanos(Usage.of(estimate(messages), 0).in(tier(question)))))
                    .put("estimated", true);
        } catch (ClassCastException e) {
            throw new IllegalArgumentException("A member of the body has the wrong type", e);
        }
    }

    private static JsonObject object(@Nullable Buffer body) {
        try {
            return body == null || body.length() == 0 ? new JsonObject() : body.toJsonObject();
        } catch (DecodeException | ClassCastException e) {
            throw new IllegalArgumentException("The body must be a JSON object", e);
        }
    }

    /** Of the first deployment with a price, as its siblings are to be the same model. */
    private Tariff tariff(String model) {
        ModelTable.Group group = models.resolve(model);
        if (group != null) {
            for (Deployment deployment : group.deployments()) {
                Tariff tariff = prices.of(deployment, deployment.upstreamModel(), null);
                if (tariff != null) {
                    return tariff.at(time);
                }
            }
        }
        Tariff listed = prices.listed(model);
        if (listed == null) {
            throw new IllegalArgumentException("No price is known for the model `" + model + "`");
        }
        return listed.at(time);
    }

    private static Usage usage(JsonObject response) {
        JsonObject usage = response.getJsonObject("usage");
        if (usage == null) {
            throw new IllegalArgumentException("The `completion_response` has no `usage`");
        }
        JsonObject prompt = usage.getJsonObject("prompt_tokens_details", new JsonObject());
        JsonObject completion = usage.getJsonObject("completion_tokens_details", new JsonObject());
        return new Usage(
                        count(usage, "prompt_tokens"),
                        Math.max(count(prompt, "cached_tokens"), count(usage, "cache_read_input_tokens")),
                        Math.max(count(prompt, "cache_creation_tokens"), count(usage, "cache_creation_input_tokens")),
                        0,
                        count(prompt, "audio_tokens"),
                        count(usage, "completion_tokens"),
                        count(completion, "reasoning_tokens"),
                        count(completion, "audio_tokens"),
                        0,
                        true)
                .withPictures(count(prompt, "image_tokens"), count(completion, "image_tokens"));
    }

    private static @Nullable ServiceTier tier(JsonObject from) {
        String name = from.getString(ServiceTier.MEMBER);
        return name == null ? null : ServiceTier.named(name);
    }

    private static long count(@Nullable JsonObject from, String name) {
        Long count = from == null ? null : from.getLong(name);
        return count == null ? 0 : Math.max(0, count);
    }

    private static long estimate(JsonArray messages) {
        long tokens = 0;
        for (Object message : messages) {
            Object content = message instanceof JsonObject object ? object.getValue("content") : message;
            tokens += TOKENS_A_MESSAGE + (bytes(content) + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
        }
        return tokens;
    }

    private static long bytes(@Nullable Object content) {
        return switch (content) {
            case String text -> text.getBytes(StandardCharsets.UTF_8).length;
            case JsonArray parts -> parts.stream().mapToLong(Calculation::bytes).sum();
            case JsonObject part -> bytes(part.getValue("text"));
            case null, default -> 0;
        };
    }
}
