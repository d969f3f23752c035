package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonObject;

/**
 * What an owner answers.
 *
 * @param by so much more the node may use
 * @param enough whether that is what it needs
 * @param later whether there may be enough soon
 * @param elsewhere what all others together have used
 * @param grants how many answers with something in them the node has been sent, this one included
 */
record Grant(long by, boolean enough, boolean later, long elsewhere, long grants) {

    JsonObject letter() {
        return new JsonObject()
                .put("by", by)
                .put("enough", enough)
                .put("later", later)
                .put("elsewhere", elsewhere)
                .put("grants", grants);
    }

    static Grant of(JsonObject letter) {
        return new Grant(
                letter.getLong("by"),
                letter.getBoolean("enough"),
                letter.getBoolean("later"),
                letter.getLong("elsewhere"),
                letter.getLong("grants"));
    }

    Outcome.Verdict verdict() {
        return enough ? Outcome.Verdict.ENOUGH : later ? Outcome.Verdict.LATER : Outcome.Verdict.NO_MORE;
    }
}
