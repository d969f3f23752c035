package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import java.util.List;

/** Decides which half goes on when a cluster is cut in two equal parts: the one that says first that it wants to. */
@FunctionalInterface
public interface Arbiter {

    /**
     * Says that a part wants to go on; answers the nodes of the part that may, which is the first that said so. The answer is for ever:
     * the same to everybody who says the same of the past. Fails when nobody can say now.
     *
     * @param epoch how often nodes had come together before
     * @param were all nodes that were together then, in any order
     * @param nodes those of them that are of this part
     */
    Future<List<String>> claim(long epoch, List<String> were, List<String> nodes);
}
