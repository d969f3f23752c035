package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelTableTest {
    @TempDir
    Path folder;

    private Snapshot good(String yaml) throws IOException {
        return new Loading(folder, Map.of()).good(yaml);
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o,                      gpt-4o,                 echo/exact, EXACT",
        "fast,                        gpt-4o,                 echo/exact, ALIAS",
        "openai/gpt-4o-mini,          openai/gpt-4o-mini,     echo/mini, EXACT",
        "openai/o3,                   openai/o3,              openai/o3, WILDCARD",
        "openai/gpt-9,                openai/gpt-9,           openai/nine/9, WILDCARD",
        "openai/,                     openai/,                openai/, WILDCARD",
        "claude-x-latest,             claude-x-latest,        anthropic/claude-x, WILDCARD",
        "any,                         any,                    gemini/any, DEFAULT",
        "eu.claude.v2,                eu.claude.v2,           groq/eu-in-v2, WILDCARD",
        "eu.claude,                   eu.claude,              gemini/eu.claude, DEFAULT",
        "far,                         openai/o3,              openai/o3, ALIAS",
        "further,                     openai/o3,              openai/o3, ALIAS",
        "chat,                        gpt-4o,                 echo/exact, ALIAS",
        "team,                        gpt-4o,                 echo/exact, ALIAS",
        "shared,                      shared,                 echo/exact, EXACT",
    })
    void looksUpExactlyThenAsAnAliasThenByTheMostSpecificWildcard(
            String asked, String group, String sent, ModelTable.Lookup how) throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: "*", litellm_params: {model: "gemini/*", api_key: k}}
                  - {model_name: "openai/*", litellm_params: {model: "openai/*", api_key: k}}
                  - {model_name: "openai/gpt-*", litellm_params: {model: "openai/nine/*", api_key: k}}
                  - {model_name: "claude-*-latest", litellm_params: {model: "anthropic/claude-*", api_key: k}}
                  - {model_name: "*.claude.*", litellm_params: {model: "groq/*-in-*", api_key: k}}
                  - {model_name: openai/gpt-4o-mini, litellm_params: {model: echo/mini}}
                  - {model_name: gpt-4o, litellm_params: {model: echo/exact}}
                router_settings:
                  model_group_alias: {fast: gpt-4o, gpt-4o: any, far: openai/o3, further: {model: far, hidden: true}}
                model_groups:
                  - {name: chat, models: [fast, any]}
                  - {name: team, models: [chat, any]}
                  - {name: shared, models: [fast, openai/o3], fallback: false}
                """);
        ModelTable.Group found = snapshot.models().resolve(asked);
        assertThat(found).isNotNull();
        assertThat(found.group()).isEqualTo(group);
        assertThat(found.deployments().getFirst().qualifiedModel()).isEqualTo(sent);
        assertThat(snapshot.models().lookup(asked)).isEqualTo(how);
        assertThat(ModelTable.empty().lookup(asked)).isEqualTo(ModelTable.Lookup.UNKNOWN);
    }

    @Test
    void listsModelsAsWrittenAndAliasesThatAreNotHidden() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: "openai/*", litellm_params: {model: "openai/*", api_key: k}}
                  - {model_name: a, litellm_params: {model: echo/1}}
                  - {model_name: a, litellm_params: {model: echo/2}}
                router_settings: {model_group_alias: {seen: a, unseen: {model: a, hidden: true}, shown: {model: a}}}
                """);
        assertThat(snapshot.models().names()).containsExactly("openai/*", "a", "seen", "shown");
        assertThat(snapshot.models().resolve("unseen")).isNotNull();
        assertThat(snapshot.models().resolve("nothing")).isNull();
        ModelTable.Group both = snapshot.models().resolve("a");
        assertThat(both).isNotNull();
        assertThat(both.deployments()).extracting(Deployment::upstreamModel).containsExactly("1", "2");
    }

    @Test
    void sharesTheCallsOfAGroupWithoutFallbackBetweenAllItsMembers() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: a, litellm_params: {model: echo/1}}
                  - {model_name: "openai/*", litellm_params: {model: "openai/*", api_key: k}}
                router_settings: {model_group_alias: {b: a}}
                model_groups: [{name: all, models: [b, openai/x, openai/y], fallback: false}]
                """);
        ModelTable.Group all = snapshot.models().resolve("all");
        assertThat(all).isNotNull();
        assertThat(all.deployments()).extracting(Deployment::upstreamModel).containsExactly("1", "x", "y");
        assertThat(all.deployments()).extracting(Deployment::id).doesNotHaveDuplicates();
        assertThat(all.deployments())
                .allSatisfy(one -> assertThat(snapshot.models().byId(one.id())).isEqualTo(one));
        assertThat(snapshot.router().fallbacks()).isEmpty();
    }

    @Test
    void letsAGroupAddFallbacksToTheModelOfItsNameAndRefusesAnyOtherNameThatIsTaken() throws IOException {
        String models = """
                model_list:
                  - {model_name: a, litellm_params: {model: echo/1}}
                  - {model_name: b, litellm_params: {model: echo/2}}
                model_groups:
                """;
        Snapshot snapshot = good(models + "  - {name: a, models: [a, b]}\n");
        assertThat(snapshot.router().fallbacks()).isEqualTo(Map.of("a", java.util.List.of("b")));
        assertThat(snapshot.models().aliases()).isEmpty();
        Loading loading = new Loading(folder, Map.of());
        assertThat(loading.problems(models + "  - {name: a, models: [b, a]}\n"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:5:12: the group `a` has the name of");
        assertThat(loading.problems(models + "  - {name: g, models: [a]}\n  - {name: g, models: [b]}\n"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:6:12: ");
        assertThat(loading.problems(models + "  - {name: g, models: [a, bb]}\n"))
                .singleElement()
                .asString()
                .contains("names `bb`", "did you mean `b`?");
        assertThat(loading.warnings(models + "  - {name: g, models: [a], falback: true}\n"))
                .singleElement()
                .asString()
                .contains("`falback`; did you mean `fallback`?");
    }

    @Test
    void refusesAliasesThatLeadNowhereOrInCircles() throws IOException {
        Loading loading = new Loading(folder, Map.of());
        assertThat(loading.problems("router_settings: {model_group_alias: {a: b, b: a}}"))
                .anyMatch(line -> line.startsWith("config.yaml:1:") && line.contains("the alias `a` leads to `b`"));
        assertThat(loading.problems("router_settings: {model_group_alias: {a: nowhere}}"))
                .anyMatch(line -> line.contains("which is no model"));
    }

    @Test
    void doesNotServeABlockedModel() throws IOException {
        String yaml = "model_list: [{model_name: a, litellm_params: {model: echo/1}, blocked: true}]";
        assertThat(good(yaml).models().resolve("a")).isNull();
    }
}
