package dev.tollgate.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Nodes in one process, whose letters arrive at once, through the wire's own form; a node may be cut off. */
public final class Mesh {
    private final Map<String, Member> members = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Set<String> cutOff = ConcurrentHashMap.newKeySet();
    private final Set<String> apart = ConcurrentHashMap.newKeySet();
    private final Set<String> newcomers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger delivered = new AtomicInteger();

    /** A node comes. */
    public Member join(String id) {
        return join(id, EnumSet.allOf(Role.class));
    }

    /** A node of these roles comes. */
    public Member join(String id, Set<Role> roles) {
        Member member = new Member(id, roles);
        members.put(id, member);
        changed();
        return member;
    }

    /** It goes. */
    public void leave(String id) {
        members.remove(id);
        changed();
    }

    /** Letters to it get lost, while it still counts as a member. */
    public void cutOff(String id) {
        cutOff.add(id);
    }

    /** It has only just come, and nobody knows yet that it listens. */
    public void newcomer(String id) {
        newcomers.add(id);
        changed();
    }

    /** Now they know. */
    public void listens(String id) {
        newcomers.remove(id);
        changed();
    }

    /** Those on one side, from now on, see and reach each other only, and so do all others. */
    public void split(Set<String> side) {
        apart.clear();
        apart.addAll(side);
        changed();
    }

    private boolean sees(String one, String other) {
        return apart.contains(one) == apart.contains(other);
    }

    /** Letters reach it again. */
    public void reach(String id) {
        cutOff.remove(id);
    }

    /** How many letters have arrived anywhere. */
    public int delivered() {
        return delivered.get();
    }

    private void changed() {
        List.copyOf(members.values()).forEach(each -> each.listeners.forEach(Runnable::run));
    }

    /** One node's view. */
    public final class Member implements Peers {
        private final String id;
        private final Set<Role> roles;
        private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
        private final Map<String, Function<Letter, Future<Letter>>> handlers = new ConcurrentHashMap<>();

        private Member(String id, Set<Role> roles) {
            this.id = id;
            this.roles = roles;
        }

        @Override
        public State state() {
            return members.containsKey(id) ? State.JOINED : State.LEFT;
        }

        @Override
        public String self() {
            return id;
        }

        @Override
        public List<Peer> all() {
            return List.copyOf(members.values()).stream()
                    .filter(each -> sees(id, each.id))
                    .map(each -> new Peer(each.id, each.id, each.roles, "test"))
                    .toList();
        }

        @Override
        public List<Peer> listening() {
            return all().stream().filter(each -> !newcomers.contains(each.id())).toList();
        }

        @Override
        public void onChange(Runnable changed) {
            listeners.add(changed);
        }

        @Override
        public void receive(String topic, Function<Letter, Future<Letter>> handler) {
            handlers.put(topic, handler);
        }

        @Override
        public Future<Letter> ask(String node, Letter letter, Duration within) {
            Member other = cutOff.contains(node) || !sees(id, node) ? null : members.get(node);
            Function<Letter, Future<Letter>> handler = other == null ? null : other.handlers.get(letter.topic());
            if (handler == null) {
                return Future.failedFuture("no answer");
            }
            delivered.incrementAndGet();
            return handler.apply(Letter.decode(letter.encode()));
        }

        @Override
        public void tell(String node, Letter letter) {
            ask(node, letter, Duration.ZERO);
        }

        @Override
        public Future<Receipt> announce(Letter letter, Duration within, Set<Role> playing) {
            Map<Peer, Future<Letter>> asked = new LinkedHashMap<>();
            for (Peer peer : all()) {
                if (!peer.id().equals(id) && !Collections.disjoint(peer.roles(), playing)) {
                    asked.put(peer, ask(peer.id(), letter, within));
                }
            }
            return Future.join(List.copyOf(asked.values())).transform(_ -> {
                Map<Peer, Letter> answers = new HashMap<>();
                List<Peer> silent = new ArrayList<>();
                asked.forEach((peer, answer) -> {
                    if (answer.succeeded()) {
                        answers.put(peer, answer.result());
                    } else {
                        silent.add(peer);
                    }
                });
                return Future.succeededFuture(new Receipt(answers, silent));
            });
        }

        @Override
        public Future<Void> leave() {
            Mesh.this.leave(id);
            return Future.succeededFuture();
        }
    }
}
