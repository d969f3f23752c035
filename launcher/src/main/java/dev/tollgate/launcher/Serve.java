package dev.tollgate.launcher;

import dev.tollgate.cluster.Node;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Discovery;
import dev.tollgate.config.DotEnv;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Problem;
import dev.tollgate.config.Roles;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.Sources;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts the gateway: arguments, configuration, node, ready line. */
@Command(
        name = "tollgate",
        description = "One gateway to every language model, in LiteLLM's language.",
        footerHeading = "%nEnvironment (a .env file in the working directory counts, too):%n",
        footer = {
            "  LITELLM_MASTER_KEY     The master key, when the file has none; without one",
            "                         the gateway is open.",
            "  OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, ..._API_KEY",
            "                         Keys of providers; each has its usual variable.",
            "  CONFIG_FILE_PATH, HOST, PORT, NUM_WORKERS, LITELLM_LOG=DEBUG",
            "                         As --config, --host, --port, --num_workers, --debug.",
            "  DATABASE_URL           PostgreSQL, MySQL or MariaDB for keys and spend; else",
            "                         a file in the folder TOLLGATE_DATA, ./data by default.",
            "  LITELLM_SALT_KEY       Seals models and credentials of the admin API; the",
            "                         master key does when it is not set.",
            "  STORE_MODEL_IN_DB      false: no models by the admin API.",
            "  SERVER_ROOT_PATH       Path prefix behind a reverse proxy.",
            "  TOLLGATE_CLUSTER, TOLLGATE_CLUSTER_JOIN, TOLLGATE_ROLES",
            "                         As --cluster, --join, --roles.",
            "More: README.md, docs/configuration.md, docs/cluster.md, docs/accounting.md."
        })
final class Serve implements Callable<Integer> {
    /** "Exit code" of a gateway that is up and stays up. */
    static final int RUNNING = -1;

    private static final int DEFAULT_PORT = 4000;

    /** Read when none is named and it is there. */
    private static final Path HERE = Path.of("config.yaml");

    @Spec
    @Nullable CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "LiteLLM-style YAML (env CONFIG_FILE_PATH); ./config.yaml where there is one.")
    @Nullable Path config;

    @Option(names = "--port", description = "Port to listen on, 4000 by default (env PORT).")
    @Nullable Integer port;

    @Option(names = "--host", description = "Address to listen on (env HOST). Without a master key: 127.0.0.1.")
    @Nullable String host;

    @Option(
            names = {"--num_workers", "--num-workers"},
            description = "Event loops, one a core by default (env NUM_WORKERS).")
    @Nullable Integer workers;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "PROVIDER/MODEL",
            description = "Serve this one model, without a file.")
    @Nullable String model;

    @Option(names = "--alias", description = "Name for --model.")
    @Nullable String alias;

    @Option(
            names = {"--api_base", "--api-base"},
            description = "Base URL for --model.")
    @Nullable String apiBase;

    @Option(
            names = "--cluster",
            description = "Be a node of a cluster (env TOLLGATE_CLUSTER, or cluster: in the file).")
    boolean cluster;

    @Option(
            names = "--join",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Nodes of a cluster to join; one that answers is enough (env TOLLGATE_CLUSTER_JOIN).")
    List<String> join = new ArrayList<>();

    @Option(
            names = "--roles",
            paramLabel = "ROLE",
            split = ",",
            description = "What this node of a cluster does: gateway,router,provider,accounting by default,"
                    + " gateway,router,accounting without providers' keys, or provider (env TOLLGATE_ROLES).")
    List<String> roles = new ArrayList<>();

    @Option(
            names = {"--debug", "--detailed_debug", "--detailed-debug"},
            description = "Log at debug level.")
    boolean debug;

    @Mixin
    StandardFlags standard = new StandardFlags();

    @Option(
            names = "--health",
            description =
                    "Ask a running gateway for the health of its models, print it, and end with 1 when none is healthy.")
    boolean health;

    @Option(
            names = "--test",
            description =
                    "Send a test chat for --model, else for its first model, to a running gateway, and print the answer.")
    boolean test;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Terminal.out(spec);
        List<Problem> oddities = new ArrayList<>();
        Environment environment = clustered().or(DotEnv.under(System.getenv(), Path.of(".env"), oddities));
        Logs.start(debug || "DEBUG".equalsIgnoreCase(environment.get("LITELLM_LOG")));
        if (health || test) {
            return running(environment, out);
        }
        if (spec != null) {
            IgnoredFlags.notice(spec.commandLine().getParseResult(), out);
        }
        Path file = file(environment);
        if (file != null && config == null && environment.get("CONFIG_FILE_PATH") == null) {
            out.println("Reading ./" + HERE + ", since no --config is given");
            out.flush();
        }
        LoadResult read = file != null ? new ConfigLoader(environment).load(file) : found(environment);
        return switch (read) {
            case LoadResult.Rejected rejected -> refuse(rejected.problems());
            case LoadResult.Loaded loaded -> {
                oddities.addAll(loaded.snapshot().warnings());
                oddities.forEach(warning -> Logs.LOG.warn("{}", warning));
                yield start(loaded, file, environment);
            }
        };
    }

    /** What the command line says of the cluster, as the variables that say the same. */
    private Environment clustered() {
        Map<String, String> said = new HashMap<>();
        if (cluster || !join.isEmpty()) {
            said.put("TOLLGATE_CLUSTER", "true");
        }
        if (!join.isEmpty()) {
            said.put("TOLLGATE_CLUSTER_JOIN", String.join(",", join));
        }
        if (!roles.isEmpty()) {
            said.put(Roles.VARIABLE, String.join(",", roles));
        }
        return Environment.of(said);
    }

    private int start(LoadResult.Loaded loaded, @Nullable Path file, Environment environment) {
        Snapshot snapshot = loaded.snapshot();
        Logs.configure(
                snapshot.general().jsonLogs(), debug || snapshot.general().verbose());
        boolean open = snapshot.general().masterKey() == null;
        String address = host != null ? host : environment.get("HOST");
        if (address == null) {
            address = open ? "127.0.0.1" : "0.0.0.0";
        }
        Node.ServerOptions options =
                new Node.ServerOptions(address, bindPort(environment), rootPath(environment), Main.VERSION);
        Gateway gateway = new Gateway(loaded, options, lanes(environment), data(environment));
        String failure = gateway.start();
        if (failure != null) {
            PrintWriter err = Terminal.err(spec);
            err.println(failure);
            err.flush();
            return 1;
        }
        if (file != null) {
            ClusterSettings cluster = snapshot.cluster();
            Roles played = cluster == null ? Roles.ALL : cluster.roles();
            gateway.watch(new ConfigLoader(played.kept(environment)), file, loaded.sources());
        }
        new ReadyLine(Terminal.out(spec)).print(gateway, snapshot, file == null && model == null);
        return RUNNING;
    }

    private int refuse(List<Problem> problems) {
        PrintWriter err = Terminal.err(spec);
        problems.forEach(err::println);
        err.flush();
        return 2;
    }

    private @Nullable Path file(Environment environment) {
        return config != null || model != null ? config : usualFile(environment);
    }

    static @Nullable Path usualFile(Environment environment) {
        String named = environment.get("CONFIG_FILE_PATH");
        if (named != null) {
            return Path.of(named);
        }
        return Files.isRegularFile(HERE) ? HERE : null;
    }

    private int running(Environment environment, PrintWriter out) {
        // Here --model names what to ask for; the configuration is only read for its key.
        Path file = config != null ? config : usualFile(environment);
        Snapshot known = file != null && new ConfigLoader(environment).load(file) instanceof LoadResult.Loaded loaded
                ? loaded.snapshot()
                : new Discovery(environment).found(List.of());
        String address = host != null ? host : environment.get("HOST");
        String reached = address == null || address.equals("0.0.0.0") ? "127.0.0.1" : address;
        RunningGateway gateway = new RunningGateway(
                "http://" + reached + ":" + bindPort(environment),
                known.general().masterKey(),
                out);
        return health ? gateway.health() : gateway.test(alias != null ? alias : model);
    }

    /** Nodes that share work must know the same models: they read them from the same file. */
    private LoadResult found(Environment environment) {
        List<Problem> wrong = new ArrayList<>();
        if (Roles.of(environment, wrong) != Roles.ALL) {
            wrong.add(new Problem(
                    null, "a node that does not play all roles needs --config: a file that is the same on all nodes"));
        }
        return wrong.isEmpty() ? foundHere(environment) : new LoadResult.Rejected(wrong, List.of(), Sources.NONE);
    }

    private LoadResult.Loaded foundHere(Environment environment) {
        if (model != null) {
            try {
                return new SingleModel(environment).load(model, alias, apiBase);
            } catch (IllegalArgumentException e) {
                throw usage("--model " + model + ": " + e.getMessage());
            }
        }
        Discovery discovery = new Discovery(environment);
        return discovery.loaded(LocalOllama.models(discovery.ollamaBase()));
    }

    private int bindPort(Environment environment) {
        int wanted = port != null ? port : number(environment, "PORT", DEFAULT_PORT);
        if (wanted < 0 || wanted > 65_535) {
            throw usage("A port is a number from 0 (any that is free) to 65535, not " + wanted);
        }
        return wanted;
    }

    private int lanes(Environment environment) {
        int cores = Runtime.getRuntime().availableProcessors();
        return Math.clamp(workers != null ? workers : number(environment, "NUM_WORKERS", cores), 1, 256);
    }

    private RuntimeException usage(String message) {
        return spec == null
                ? new IllegalArgumentException(message)
                : new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private int number(Environment environment, String name, int otherwise) {
        String value = environment.get(name);
        try {
            return value == null ? otherwise : Integer.parseInt(value.strip());
        } catch (NumberFormatException _) {
            throw usage(name + " must be a number, not " + value);
        }
    }

    static Path data(Environment environment) {
        String folder = environment.get("TOLLGATE_DATA");
        return Path.of(folder == null ? "data" : folder);
    }

    private static String rootPath(Environment environment) {
        String path = environment.get("SERVER_ROOT_PATH");
        if (path == null || path.equals("/")) {
            return "";
        }
        String rooted = path.startsWith("/") ? path : "/" + path;
        return rooted.endsWith("/") ? rooted.substring(0, rooted.length() - 1) : rooted;
    }
}
