package dev.tollgate.launcher.kubernetes;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Kubernetes' own schema, as strictly as its API server takes it with {@code --validate=strict}: the classes of its official Java
 * client, which are generated from it, know which members must be there; and an object that went through them and back must be the
 * same, or it has a member that they do not know, or one of another type.
 */
final class Schema {
    private interface Check {
        void of(JsonElement object) throws IOException;
    }

    private record Type(Class<?> model, Check required) {}

    private static final Map<String, Type> TYPES = Map.ofEntries(
            Map.entry("v1/ConfigMap", new Type(V1ConfigMap.class, V1ConfigMap::validateJsonElement)),
            Map.entry("v1/Secret", new Type(V1Secret.class, V1Secret::validateJsonElement)),
            Map.entry("v1/Service", new Type(V1Service.class, V1Service::validateJsonElement)),
            Map.entry("v1/ServiceAccount", new Type(V1ServiceAccount.class, V1ServiceAccount::validateJsonElement)),
            Map.entry(
                    "v1/PersistentVolumeClaim",
                    new Type(V1PersistentVolumeClaim.class, V1PersistentVolumeClaim::validateJsonElement)),
            Map.entry("apps/v1/Deployment", new Type(V1Deployment.class, V1Deployment::validateJsonElement)),
            Map.entry("apps/v1/StatefulSet", new Type(V1StatefulSet.class, V1StatefulSet::validateJsonElement)),
            Map.entry(
                    "autoscaling/v2/HorizontalPodAutoscaler",
                    new Type(V2HorizontalPodAutoscaler.class, V2HorizontalPodAutoscaler::validateJsonElement)),
            Map.entry(
                    "policy/v1/PodDisruptionBudget",
                    new Type(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement)),
            Map.entry("networking.k8s.io/v1/Ingress", new Type(V1Ingress.class, V1Ingress::validateJsonElement)),
            Map.entry(
                    "networking.k8s.io/v1/NetworkPolicy",
                    new Type(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement)));

    private Schema() {}

    /** An error when the object is not one that Kubernetes takes. */
    static void check(JsonObject object) {
        String name = object.getString("apiVersion") + "/" + object.getString("kind");
        if (name.equals("traefik.io/v1alpha1/IngressRoute")) {
            ingressRoute(object);
            return;
        }
        Type type = TYPES.get(name);
        if (type == null) {
            throw new AssertionError("No schema is known of " + name);
        }
        JsonObject understood;
        try {
            JsonElement element = JsonParser.parseString(object.encode());
            type.required().of(element);
            understood = new JsonObject(JSON.getGson().toJson(JSON.getGson().fromJson(element, type.model())));
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
        }
        if (!same(object, understood)) {
            throw new AssertionError(name + " is understood as\n" + understood.encodePrettily() + "\nbut written\n"
                    + object.encodePrettily());
        }
    }

    /** Whether nothing was lost or changed. Lists and maps that nobody wrote are there, and empty. */
    private static boolean same(Object written, Object understood) {
        if (written instanceof JsonObject object && understood instanceof JsonObject other) {
            return other.fieldNames().containsAll(object.fieldNames())
                    && other.fieldNames().stream()
                            .allMatch(name -> object.containsKey(name)
                                    ? same(object.getValue(name), other.getValue(name))
                                    : empty(other.getValue(name)));
        }
        if (written instanceof JsonArray array && understood instanceof JsonArray other) {
            return array.size() == other.size()
                    && IntStream.range(0, array.size()).allMatch(i -> same(array.getValue(i), other.getValue(i)));
        }
        return written.equals(understood);
    }

    private static boolean empty(Object value) {
        return value.equals(new JsonArray()) || value.equals(new JsonObject());
    }

    /** By the definition in Traefik's documentation; nobody publishes it for Java. */
    private static void ingressRoute(JsonObject object) {
        members(object, Set.of("apiVersion", "kind", "metadata", "spec"), Set.of("metadata", "spec"));
        JsonObject spec = object.getJsonObject("spec");
        members(spec, Set.of("entryPoints", "routes", "tls"), Set.of("routes"));
        is(spec.getJsonArray("entryPoints", new JsonArray()).stream().allMatch(String.class::isInstance), spec);
        for (JsonObject route : Pods.all(spec, "routes")) {
            members(route, Set.of("kind", "match", "middlewares", "priority", "services"), Set.of("kind", "match"));
            is(List.of("Rule").contains(route.getString("kind")), route);
            is(route.getString("match").matches("(Host|PathPrefix|Path)\\(`[^`]+`\\)"), route);
            for (JsonObject service : Pods.all(route, "services")) {
                members(service, Set.of("kind", "name", "namespace", "port", "scheme"), Set.of("name"));
                is(List.of("Service", "TraefikService").contains(service.getString("kind", "Service")), service);
            }
        }
        members(spec.getJsonObject("tls", new JsonObject()), Set.of("certResolver", "secretName"), Set.of());
    }

    private static void members(JsonObject object, Set<String> known, Set<String> required) {
        is(known.containsAll(object.fieldNames()), object);
        is(object.fieldNames().containsAll(required), object);
    }

    private static void is(boolean right, JsonObject object) {
        if (!right) {
            throw new AssertionError("IngressRoute: " + object.encodePrettily());
        }
    }
}
