package dev.tollgate.launcher.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.ClusterSettings;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the manifests in {@code k8s} say of each other and of the program is so. */
class ReferencesTest {
    /** 20 s for calls under way, and room to settle them, to bring spend to the database and to leave the others. */
    private static final int LONGEST_STOP = 45;

    private static List<JsonObject> splitSecrets() {
        return Kustomization.documents(Kustomization.ROOT.resolve("secret.split.example.yaml"));
    }

    private static JsonObject secret() {
        return Kustomization.documents(Kustomization.ROOT.resolve("secret.example.yaml"))
                .getFirst();
    }

    private static List<JsonObject> pods(Kustomization all) {
        return all.objects().stream()
                .map(Pods::template)
                .filter(template -> !template.isEmpty())
                .toList();
    }

    private static JsonObject pod(Kustomization all) {
        return pods(all).getFirst();
    }

    private static JsonObject container(JsonObject pod) {
        return Pods.all(pod.getJsonObject("spec"), "containers").getFirst();
    }

    private static JsonObject container(Kustomization all) {
        return container(pod(all));
    }

    private static Stream<JsonObject> kind(Kustomization all, String... kinds) {
        return all.objects().stream().filter(each -> Set.of(kinds).contains(each.getString("kind")));
    }

    private static Object at(JsonObject object, String path) {
        return JsonPointer.from(path).queryJson(object);
    }

    private static String name(JsonObject object) {
        return object.getJsonObject("metadata").getString("name");
    }

    private static Map<String, Object> labels(JsonObject pod) {
        return pod.getJsonObject("metadata").getJsonObject("labels").getMap();
    }

    @ParameterizedTest
    @FieldSource("dev.tollgate.launcher.kubernetes.ManifestsTest#WHOLE")
    void whatTheyNameIsThere(String kustomization) {
        Kustomization all = Kustomization.of(kustomization);
        pods(all).forEach(pod -> whatItNamesIsThere(all, pod));
        kind(all, "HorizontalPodAutoscaler").forEach(scaler -> {
            JsonObject scaled = (JsonObject) at(scaler, "/spec/scaleTargetRef");
            all.object(scaled.getString("kind"), scaled.getString("name"));
        });
        kind(all, "StatefulSet")
                .forEach(set -> all.object("Service", set.getJsonObject("spec").getString("serviceName")));
    }

    private static void whatItNamesIsThere(Kustomization all, JsonObject pod) {
        JsonObject spec = pod.getJsonObject("spec");
        Set<String> volumes = new TreeSet<>(Pods.names(spec, "volumes"));
        kind(all, "StatefulSet")
                .forEach(set -> Pods.all(set.getJsonObject("spec"), "volumeClaimTemplates")
                        .forEach(claim -> volumes.add(name(claim))));

        assertThat(volumes).isEqualTo(new TreeSet<>(Pods.names(container(pod), "volumeMounts")));
        all.object("ServiceAccount", spec.getString("serviceAccountName"));
        for (JsonObject volume : Pods.all(spec, "volumes")) {
            if (volume.getJsonObject("configMap") != null) {
                all.object("ConfigMap", volume.getJsonObject("configMap").getString("name"));
            }
            if (volume.getJsonObject("persistentVolumeClaim") != null) {
                all.object(
                        "PersistentVolumeClaim",
                        volume.getJsonObject("persistentVolumeClaim").getString("claimName"));
            }
        }
        assertThat(at(container(pod), "/envFrom/0/secretRef/name"))
                .isIn(Stream.concat(Stream.of(secret()), splitSecrets().stream())
                        .map(ReferencesTest::name)
                        .toList());
    }

    @ParameterizedTest
    @FieldSource("dev.tollgate.launcher.kubernetes.ManifestsTest#WHOLE")
    void selectorsMeetThePodsAndPortsAreTheirs(String kustomization) {
        Kustomization all = Kustomization.of(kustomization);
        if (kustomization.equals("base")) {
            all.objects().addAll(Kustomization.of("components/ingress").objects());
        }
        kind(all, "Service").forEach(each -> {
            List<JsonObject> meant = meant(all, at(each, "/spec/selector"));
            assertThat(meant)
                    .hasSize(name(each).equals("tollgate") ? 1 : pods(all).size());
            Pods.all(each.getJsonObject("spec"), "ports")
                    .forEach(port -> assertThat(meant)
                            .allMatch(
                                    pod -> Pods.names(container(pod), "ports").contains(port.getString("targetPort"))));
        });
        kind(all, "Deployment", "StatefulSet").forEach(each -> {
            JsonObject own = Pods.template(each);
            assertThat(meant(all, at(each, "/spec/selector/matchLabels"))).containsExactly(own);
            assertThat(Pods.all(own.getJsonObject("spec"), "topologySpreadConstraints"))
                    .isNotEmpty()
                    .allSatisfy(spread -> assertThat(meant(all, at(spread, "/labelSelector/matchLabels")))
                            .containsExactly(own));
        });
        kind(all, "PodDisruptionBudget")
                .forEach(each -> assertThat(meant(all, at(each, "/spec/selector/matchLabels")))
                        .hasSize(1));
        kind(all, "NetworkPolicy").forEach(each -> {
            List<JsonObject> meant = meant(all, at(each, "/spec/podSelector/matchLabels"));
            assertThat(meant).hasSize(1);
            Pods.all(each.getJsonObject("spec"), "ingress")
                    .forEach(rule -> Pods.all(rule, "ports")
                            .forEach(port -> assertThat(Pods.all(container(meant.getFirst()), "ports"))
                                    .anyMatch(own ->
                                            own.getInteger("containerPort").equals(port.getInteger("port")))));
            JsonObject others = (JsonObject) at(each, "/spec/egress/0/to/0/podSelector/matchLabels");
            if (others != null) {
                assertThat(meant(all, others)).isEqualTo(pods(all));
            }
        });
        List<Object> backends = new ArrayList<>();
        kind(all, "IngressRoute").forEach(each -> backends.add(at(each, "/spec/routes/0/services/0")));
        kind(all, "Ingress").forEach(each -> {
            JsonObject service = (JsonObject) at(each, "/spec/rules/0/http/paths/0/backend/service");
            backends.add(service.copy().put("port", at(service, "/port/name")));
        });
        assertThat(backends)
                .allSatisfy(each -> assertThat(Pods.names(
                                all.object("Service", ((JsonObject) each).getString("name"))
                                        .getJsonObject("spec"),
                                "ports"))
                        .contains(((JsonObject) each).getString("port")));
    }

    /** The pods that a selector means. */
    private static List<JsonObject> meant(Kustomization all, Object selector) {
        return pods(all).stream()
                .filter(pod -> labels(pod)
                        .entrySet()
                        .containsAll(((JsonObject) selector).getMap().entrySet()))
                .toList();
    }

    /** Providers' keys are for the pods that talk to providers, and the gateway's own secrets for the others. */
    @Test
    void eachPartOfTheSplitHasTheSecretsThatItNeedsAndNoOthers() {
        Kustomization all = Kustomization.of("overlays/split");
        String config =
                all.object("ConfigMap", "tollgate").getJsonObject("data").getString("config.yaml");
        Map<String, Set<String>> secrets = splitSecrets().stream()
                .collect(Collectors.toMap(
                        ReferencesTest::name,
                        each -> each.getJsonObject("stringData").fieldNames()));
        for (String part : List.of("tollgate", "tollgate-provider")) {
            JsonObject container = container(Pods.template(all.object("Deployment", part)));
            assertThat(at(container, "/envFrom/0/secretRef/name")).isEqualTo(part);
            assertThat(Pods.names(container, "env")).contains("TOLLGATE_ROLES");
        }
        Set<String> keys = config.lines()
                .filter(line -> line.contains("api_key: os.environ/"))
                .map(line -> line.split("os.environ/")[1])
                .collect(Collectors.toSet());

        assertThat(keys).isNotEmpty();
        assertThat(secrets.get("tollgate-provider"))
                .containsAll(keys)
                .doesNotContain("LITELLM_MASTER_KEY", "DATABASE_URL");
        assertThat(secrets.get("tollgate")).doesNotContainAnyElementsOf(keys);
        assertThat(at(all.object("NetworkPolicy", "tollgate"), "/spec/egress").toString())
                .doesNotContain("0.0.0.0/0");
    }

    private static Map<String, JsonObject> variables(Kustomization all) {
        return Pods.all(container(all), "env").stream()
                .collect(Collectors.toMap(each -> each.getString("name"), each -> each));
    }

    @Test
    void nodesFindEachOtherByAServiceThatListsThemBeforeTheyAreReady() {
        Kustomization all = Kustomization.of("base");
        JsonObject service = all.object(
                        "Service", variables(all).get("TOLLGATE_CLUSTER_DNS").getString("value"))
                .getJsonObject("spec");

        assertThat(service.getString("clusterIP")).isEqualTo("None");
        assertThat(service.getBoolean("publishNotReadyAddresses")).isTrue();
        assertThat(Pods.all(service, "ports").stream().map(each -> each.getInteger("port")))
                .containsExactly(ClusterSettings.PORT, ClusterSettings.BUS_PORT);
        assertThat(at(variables(all).get("TOLLGATE_CLUSTER_HOST"), "/valueFrom/fieldRef/fieldPath"))
                .isEqualTo("status.podIP");
        assertThat(variables(Kustomization.of("overlays/single"))
                        .get("TOLLGATE_CLUSTER")
                        .getString("value"))
                .isEqualTo("false");
    }

    /** What main sources read is a literal in them, and what the file reads stands there behind {@code os.environ/}. */
    @Test
    void everyVariableIsReadBySomebody() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of(".."), 12)) {
            for (Path file : files.filter(each -> each.toString().contains("/src/main/java/"))
                    .filter(each -> each.toString().endsWith(".java"))
                    .toList()) {
                sources.append(Files.readString(file));
            }
        }
        Kustomization all = Kustomization.of("base");
        String config =
                all.object("ConfigMap", "tollgate").getJsonObject("data").getString("config.yaml");
        Set<String> given = new TreeSet<>(variables(all).keySet());
        given.addAll(secret().getJsonObject("stringData").fieldNames());
        // The JVM itself reads the one; the other is for models of the admin API.
        given.removeAll(Set.of("JAVA_TOOL_OPTIONS", "LITELLM_SALT_KEY"));

        assertThat(given)
                .isNotEmpty()
                .allSatisfy(each -> assertThat(sources.indexOf("\"" + each + "\"") >= 0
                                || config.contains("os.environ/" + each + "\n"))
                        .as(each)
                        .isTrue());
        assertThat(config.lines()
                        .filter(line -> line.contains(": os.environ/"))
                        .map(line -> line.split("os.environ/")[1]))
                .isNotEmpty()
                .allMatch(each -> secret().getJsonObject("stringData").containsKey(each));
    }

    @Test
    void thePodHasTimeToStopAndMayDoNothingElse() throws IOException {
        Kustomization all = Kustomization.of("base");
        JsonObject spec = pod(all).getJsonObject("spec");
        JsonObject container = container(all);

        int told = (Integer) at(container, "/lifecycle/preStop/sleep/seconds");
        assertThat(spec.getInteger("terminationGracePeriodSeconds")).isGreaterThanOrEqualTo(told + LONGEST_STOP);
        assertThat(Files.readString(Path.of("..", "Dockerfile")))
                .contains("USER " + at(spec, "/securityContext/runAsUser") + ":"
                        + at(spec, "/securityContext/runAsGroup"));
        assertThat(spec.getBoolean("enableServiceLinks")).isFalse();
        assertThat(spec.getBoolean("automountServiceAccountToken")).isFalse();
        assertThat(at(spec, "/securityContext/runAsNonRoot")).isEqualTo(true);
        assertThat(container.getJsonObject("securityContext"))
                .isEqualTo(
                        new JsonObject(
                                "{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,\"capabilities\":{\"drop\":[\"ALL\"]}}"));
        assertThat(Pods.all(container, "volumeMounts")).noneMatch(mount -> mount.containsKey("subPath"));
    }
}
