package dev.tollgate.launcher.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The manifests in {@code k8s}: each for itself, by Kubernetes' schema. */
class ManifestsTest {
    private static final Path EXAMPLE = Kustomization.ROOT.resolve("secret.example.yaml");
    private static final Path SPLIT_EXAMPLE = Kustomization.ROOT.resolve("secret.split.example.yaml");

    static final List<String> COMPONENTS = List.of("components/traefik", "components/ingress");

    /** What can be applied. */
    static final List<String> WHOLE =
            List.of("base", "overlays/single", "overlays/durable", "overlays/split", "overlays/example");

    static final List<String> ALL =
            Stream.of(WHOLE, COMPONENTS).flatMap(List::stream).toList();

    @TempDir
    Path folder;

    private static JsonObject secret() {
        return Kustomization.documents(EXAMPLE).getFirst();
    }

    private static String name(JsonObject object) {
        return object.getJsonObject("metadata").getString("name");
    }

    @Test
    void everyFileBelongsToAKustomization() throws IOException {
        Set<Path> taken = new HashSet<>(Set.of(EXAMPLE, SPLIT_EXAMPLE));
        ALL.forEach(each -> taken.addAll(Kustomization.of(each).files()));

        try (Stream<Path> files = Files.walk(Kustomization.ROOT)) {
            assertThat(files.filter(each -> each.toString().endsWith(".yaml")))
                    .containsExactlyInAnyOrderElementsOf(taken);
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void everyObjectKeepsToKubernetesSchemaAndIsThereOnce(String kustomization) {
        List<JsonObject> objects = Kustomization.of(kustomization).objects();

        objects.forEach(Schema::check);
        assertThat(objects.stream().map(each -> each.getString("kind") + " " + name(each)))
                .doesNotHaveDuplicates();
    }

    @Test
    void theExampleOfASecretKeepsToItToo() {
        assertThatCode(() -> Schema.check(secret())).doesNotThrowAnyException();
        Kustomization.documents(SPLIT_EXAMPLE)
                .forEach(each -> assertThatCode(() -> Schema.check(each)).doesNotThrowAnyException());
    }

    /** Each a mistake that people make; each must be found, or the tests above say nothing. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "Deployment, replace, /spec/template/spec/containers/0/livenessProbe, '{\"htpGet\":{}}'",
                "Deployment, add, /spec/template/spec/containers/0/readinesProbe, '{}'",
                "Deployment, add, /spec/replicas, '\"2\"'",
                "Deployment, add, /spec/replicas, '\"two\"'",
                "Deployment, remove, /spec/selector, '{}'",
                "Deployment, remove, /spec/template/spec/containers/0/name, '{}'",
                "Deployment, replace, /spec/template/spec/automountServiceAccountToken, '\"false\"'",
                "Deployment, replace, /spec/template/spec/containers/0/resources/limits/memory, '\"much\"'",
                "Deployment, replace, /spec/template/spec/containers/0/args, '\"--config\"'",
                "Deployment, replace, /apiVersion, '\"apps/v1beta1\"'",
                "Service, add, /spec/publishNotReadyAdresses, 'true'",
                "NetworkPolicy, add, /spec/ingress/0/form, '[]'",
                "HorizontalPodAutoscaler, remove, /spec/maxReplicas, '{}'",
                "PodDisruptionBudget, add, /spec/maxUnavailble, '1'",
                "IngressRoute, add, /spec/routes/0/services/0/ports, '1'",
                "IngressRoute, remove, /spec/routes/0/match, '{}'",
            })
    void aMistakeIsFound(String kind, String op, String path, String value) {
        JsonObject object = Kustomization.of("overlays/example").object(kind, "tollgate");
        Object written = new JsonArray("[" + value + "]").getValue(0);
        new JsonPatch(new JsonObject().put("op", op).put("path", path).put("value", written)).change(object);

        assertThatThrownBy(() -> Schema.check(object)).isInstanceOf(AssertionError.class);
    }

    /** Only where there is kubectl: what we take Kustomize to do is what it does. */
    @ParameterizedTest
    @FieldSource("WHOLE")
    void kustomizeMakesTheSameOfThem(String kustomization) throws Exception {
        Assumptions.assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(each -> Files.isExecutable(Path.of(each, "kubectl"))),
                "kubectl is not installed");
        Path made = folder.resolve("made.yaml");
        Process kubectl = new ProcessBuilder(
                        "kubectl",
                        "kustomize",
                        Kustomization.ROOT.resolve(kustomization).toString())
                .redirectOutput(made.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(kubectl.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(kubectl.exitValue()).isZero();
        assertThat(Kustomization.documents(made))
                .containsExactlyInAnyOrderElementsOf(
                        Kustomization.of(kustomization).objects());
    }
}
