package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.launcher.kubernetes.Kustomization;
import dev.tollgate.launcher.kubernetes.Pods;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as the manifests in {@code k8s} start it: their configuration, variables, arguments and probes. */
class KubernetesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = "sk-master-of-pods";

    @TempDir
    Path folder;

    private final Kustomization base = Kustomization.of("base");
    private final JsonObject container =
            Pods.containers(base.object("Deployment", "tollgate")).getFirst();

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    /** Flags of the image's {@code ENTRYPOINT}, between java and -jar. */
    private static String[] flags() throws IOException {
        Matcher entry = Pattern.compile("ENTRYPOINT (\\[.*])").matcher(Files.readString(Path.of("..", "Dockerfile")));
        assertThat(entry.find()).isTrue();
        List<String> command =
                new JsonArray(entry.group(1)).stream().map(Object::toString).toList();
        assertThat(command).startsWith("java").endsWith("-jar", "/opt/tollgate/tollgate.jar");
        return command.subList(1, command.size() - 2).toArray(String[]::new);
    }

    /** As the kubelet lays it out: links to a folder that is behind a link itself, which is exchanged. */
    private Path mounted(String config) throws IOException {
        Path mount = Files.createDirectories(folder.resolve("mount"));
        Files.writeString(Files.createDirectories(mount.resolve("..1")).resolve("config.yaml"), config);
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("..1"));
        return Files.createSymbolicLink(mount.resolve("config.yaml"), Path.of("..data", "config.yaml"));
    }

    private void exchange(String config) throws IOException {
        Path mount = folder.resolve("mount");
        Files.writeString(Files.createDirectories(mount.resolve("..2")).resolve("config.yaml"), config);
        Path next = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2"));
        Files.move(next, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private Tollgate pod(Path config) throws Exception {
        Path names = Files.writeString(folder.resolve("hosts"), "127.0.0.1 tollgate-nodes\n");
        Tollgate.Setup setup = new Tollgate.Setup(folder).jvm(flags()).jvm("-Djdk.net.hosts.file=" + names);
        for (JsonObject variable : Pods.all(container, "env")) {
            setup.env(variable.getString("name"), variable.getString("value", "127.0.0.1"));
        }
        Kustomization.documents(Kustomization.ROOT.resolve("secret.example.yaml"))
                .getFirst()
                .getJsonObject("stringData")
                .fieldNames()
                .stream()
                .filter(name -> !name.equals("DATABASE_URL"))
                .forEach(name -> setup.env(name, KEY));
        container
                .getJsonArray("args")
                .forEach(argument -> setup.flags(
                        argument.equals("/etc/tollgate/config.yaml") ? config.toString() : argument.toString()));
        // Ports and a folder that nobody else here has.
        return setup.env("TOLLGATE_DATA", folder.resolve("data").toString())
                .env("TOLLGATE_CLUSTER_PORT", freePort())
                .env("TOLLGATE_CLUSTER_BUS_PORT", freePort())
                .start();
    }

    /** What {@code overlays/split} gives the pods that talk to providers is all that they need. */
    @Test
    void aPodThatOnlyTalksToProvidersAnswersItsProbesWithItsOwnSecretAlone() throws Exception {
        Kustomization split = Kustomization.of("overlays/split");
        JsonObject provider =
                Pods.containers(split.object("Deployment", "tollgate-provider")).getFirst();
        Path config = mounted(
                split.object("ConfigMap", "tollgate").getJsonObject("data").getString("config.yaml"));
        Path names = Files.writeString(folder.resolve("hosts"), "127.0.0.1 tollgate-nodes\n");
        Tollgate.Setup setup = new Tollgate.Setup(folder).jvm(flags()).jvm("-Djdk.net.hosts.file=" + names);
        for (JsonObject variable : Pods.all(provider, "env")) {
            setup.env(variable.getString("name"), variable.getString("value", "127.0.0.1"));
        }
        Kustomization.documents(Kustomization.ROOT.resolve("secret.split.example.yaml"))
                .getLast()
                .getJsonObject("stringData")
                .fieldNames()
                .forEach(name -> setup.env(name, KEY));
        String health = freePort();
        setup.env("TOLLGATE_HEALTH_PORT", health)
                .env("TOLLGATE_CLUSTER_PORT", freePort())
                .env("TOLLGATE_CLUSTER_BUS_PORT", freePort())
                .flags("--config", config.toString());
        try (Tollgate pod = setup.start()) {
            Http http = new Http("http://127.0.0.1:" + health);
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                String path =
                        provider.getJsonObject(probe).getJsonObject("httpGet").getString("path");
                await().atMost(SOON).until(() -> http.get(path).statusCode() == 200);
            }
            assertThat(String.join("\n", pod.lines())).doesNotContain(" ERROR ", KEY);
        }
    }

    private String probe(String name) {
        return container.getJsonObject(name).getJsonObject("httpGet").getString("path");
    }

    @Test
    void aPodAnswersItsProbesServesItsModelsReadsItsChangedConfigMapAndStopsInTime() throws Exception {
        String config =
                base.object("ConfigMap", "tollgate").getJsonObject("data").getString("config.yaml");
        try (Tollgate pod = pod(mounted(config))) {
            Http http = new Http(pod.url(), KEY);
            assertThat(new Http(pod.url()).get(probe("startupProbe")).statusCode())
                    .isEqualTo(200);
            assertThat(new Http(pod.url()).get(probe("livenessProbe")).statusCode())
                    .isEqualTo(200);
            await().atMost(SOON)
                    .until(() ->
                            new Http(pod.url()).get(probe("readinessProbe")).statusCode() == 200);
            assertThat(http.get(probe("readinessProbe")).body()).contains("\"state\":\"joined\"");

            assertThat(http.get("/v1/models").body()).contains("gpt-4o-mini");
            assertThat(Http.content(http.post("/v1/chat/completions", Http.chat("echo"))))
                    .contains("Hi");
            assertThat(new Http(pod.url())
                            .post("/v1/chat/completions", Http.chat("echo"))
                            .statusCode())
                    .isEqualTo(401);

            exchange(config.replace("model_name: echo", "model_name: changed"));
            await().atMost(SOON)
                    .until(() -> http.post("/v1/chat/completions", Http.chat("changed"))
                                    .statusCode()
                            == 200);

            pod.stop();
            assertThat(pod.process().waitFor(45, TimeUnit.SECONDS)).isTrue();
            assertThat(pod.process().exitValue()).isEqualTo(143);
        }
    }
}
