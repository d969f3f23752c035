package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Letter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The lanes of this node that take letters about attempts. Used from any thread. */
final class Posts {
    private final List<Post> posts = new CopyOnWriteArrayList<>();

    /** Takes letters on its lane. */
    interface Reader {
        void read(Letter letter);
    }

    private record Post(int lane, Context context, Reader reader) {}

    void add(int lane, Context context, Reader reader) {
        posts.add(new Post(lane, context, reader));
    }

    void remove(Reader reader) {
        posts.removeIf(post -> post.reader().equals(reader));
    }

    /** To one lane; to nobody when there is none of that number. */
    Future<Letter> to(int lane, Letter letter) {
        posts.stream().filter(post -> post.lane() == lane).forEach(post -> hand(post, letter));
        return Future.succeededFuture(Letter.done());
    }

    Future<Letter> toAll(Letter letter) {
        posts.forEach(post -> hand(post, letter));
        return Future.succeededFuture(Letter.done());
    }

    private static void hand(Post post, Letter letter) {
        post.context().runOnContext(_ -> post.reader().read(letter));
    }
}
