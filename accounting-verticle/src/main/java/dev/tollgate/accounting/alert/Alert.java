package dev.tollgate.accounting.alert;

import io.vertx.core.json.JsonObject;

/**
 * Something that somebody should look at.
 *
 * @param event LiteLLM's name of what happened: {@code soft_budget_crossed}, {@code budget_crossed}; ours: {@code unpriced_model}
 * @param subject what it happened to; the same event of the same subject is said once a day
 * @param message what happened, for people
 * @param fields what happened, for programs, in the field names of LiteLLM's webhook
 */
public record Alert(String event, String subject, String message, JsonObject fields) {}
