package dev.tollgate.protocol;

import java.util.List;

/**
 * Asks the room that has the price list what it knows of some models: router to accounting, once a configuration and never for a
 * call's sake.
 *
 * @param models which
 */
public record FactsQuestion(List<Model> models) {
    public FactsQuestion {
        models = List.copyOf(models);
    }

    /**
     * A deployment under a concrete model.
     *
     * @param deploymentId which deployment
     * @param upstreamModel the model's name, without a star
     */
    public record Model(String deploymentId, String upstreamModel) {}
}
