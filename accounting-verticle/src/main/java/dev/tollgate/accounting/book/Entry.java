package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonObject;

/**
 * One entry of the book as the admin API sees it.
 *
 * @param kind what it is about
 * @param id its id among those
 * @param version number of the change that wrote it, from 1 and ascending over the whole book; a change names the version that it is based on
 * @param document LiteLLM's fields, without spend and without any clear key
 */
public record Entry(Kind kind, String id, long version, JsonObject document) {}
