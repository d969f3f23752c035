package dev.tollgate.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a node does: {@code cluster.roles}, {@code TOLLGATE_ROLES}, {@code --roles}. Gateway, router and accounting go together (decision 0021). */
public enum Roles {
    /** Everything. */
    ALL("accounting,gateway,provider,router"),
    /** Everything but talking to providers: it has none of their keys. */
    FRONT("accounting,gateway,router"),
    /** Talking to providers, and nothing else. */
    PROVIDER("provider");

    /** The variable that says the same. */
    public static final String VARIABLE = "TOLLGATE_ROLES";

    private static final Set<String> NAMES = Set.of("gateway", "router", "provider", "accounting");

    /** In the order of letters. */
    private final String names;

    Roles(String names) {
        this.names = names;
    }

    /** Of the environment alone; {@link #ALL} when it says nothing. {@code wrong} gets what is wrong with it. */
    public static Roles of(Environment environment, List<Problem> wrong) {
        Problems problems = new Problems();
        Roles roles = read(new Section("cluster", null, problems), environment, problems);
        wrong.addAll(problems.errors());
        return roles;
    }

    /** This environment, saying these roles: a node keeps those that it started with, whatever a changed file says. */
    public Environment kept(Environment environment) {
        return Environment.of(Map.of(VARIABLE, names)).or(environment);
    }

    /** The variable comes before the file. */
    static Roles read(Section cluster, Environment environment, Problems problems) {
        String variable = environment.get(VARIABLE);
        List<String> said = variable == null ? cluster.texts("roles") : Arrays.asList(variable.split(","));
        return named(said, variable == null ? cluster.origin("roles") : null, problems);
    }

    private static Roles named(List<String> said, @Nullable Origin place, Problems problems) {
        Set<String> wanted = new TreeSet<>();
        List<String> unknown = new ArrayList<>();
        for (String each : said) {
            for (String word : each.split(",")) {
                String name = word.strip().toLowerCase(Locale.ROOT);
                if (name.equals("all")) {
                    wanted.addAll(NAMES);
                } else if (NAMES.contains(name)) {
                    wanted.add(name);
                } else if (!name.isEmpty()) {
                    unknown.add(name);
                }
            }
        }
        for (String name : unknown) {
            String hint = Nearest.hint(name, NAMES);
            problems.error(
                    place,
                    "unknown role `" + name + "`"
                            + (hint.isEmpty() ? "; the roles are gateway, router, provider and accounting" : hint));
        }
        if (wanted.isEmpty()) {
            return ALL;
        }
        String mix = String.join(",", wanted);
        for (Roles roles : values()) {
            if (roles.names.equals(mix)) {
                return roles;
            }
        }
        problems.error(
                place,
                "a node cannot play " + mix + " without the rest: gateway, router and accounting go together; write"
                        + " gateway,router,accounting, or provider, or leave it out for all");
        return ALL;
    }
}
