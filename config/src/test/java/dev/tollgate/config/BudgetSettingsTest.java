package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetSettingsTest {
    private static final String MODELS = "model_list: [{model_name: m, litellm_params: {model: echo/x}}]\n";

    @TempDir
    Path folder;

    private Loading loading() {
        return new Loading(folder, Map.of());
    }

    @Test
    void areReadFromBothSections() throws IOException {
        BudgetSettings read = loading()
                .good(MODELS + "litellm_settings: {max_budget: 100.5, budget_duration: 1mo, timezone: Europe/Berlin,"
                        + " budget_exceeded_status_code: 429}\ngeneral_settings: {unpriced_models: allow-and-alarm}\n")
                .general()
                .budgets();
        assertThat(read)
                .isEqualTo(new BudgetSettings(
                        new BigDecimal("100.5"),
                        "1mo",
                        429,
                        ZoneId.of("Europe/Berlin"),
                        BudgetSettings.Unpriced.ALLOW_AND_ALARM,
                        AlertSettings.DEFAULT));
    }

    @Test
    void alertsGoWhereTheEnvironmentSays() throws IOException {
        String yaml = MODELS + "general_settings: {alerting: [slack, webhook, email]}\n";
        Loading told = new Loading(folder, Map.of("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x"));
        AlertSettings read = told.good(yaml).general().budgets().alerts();
        assertThat(read.slack()).isEqualTo(Secret.of("https://hooks.slack.com/services/T/B/x"));
        assertThat(read.webhook()).isNull();
        assertThat(read.again()).isEqualTo(Duration.ofDays(1));
        assertThat(told.warnings(yaml))
                .anySatisfy(warning -> assertThat(warning).contains("WEBHOOK_URL is not set"));
        assertThat(told.warnings(yaml))
                .anySatisfy(warning -> assertThat(warning).contains("email"));
    }

    @Test
    void alertsOfOneTypeMayGoElsewhereAndOthersStayInTheLog() throws IOException {
        String yaml = MODELS + "general_settings: {alerting: [slack], alerting_threshold: 2, alert_types:"
                + " [outage_alerts, cooldown_deploymnt, daily_reports], alert_to_webhook_url: {outage_alerts:"
                + " [https://a.example/1, https://b.example/2], llm_too_slow: nowhere}}\n";
        Loading told = loading();
        AlertSettings read = told.good(yaml).general().budgets().alerts();
        assertThat(read.slack("outage_alerts"))
                .containsExactly(Secret.of("https://a.example/1"), Secret.of("https://b.example/2"));
        assertThat(read.slack("cooldown_deployment")).isEmpty();
        assertThat(read.sends("outage_alerts")).isTrue();
        assertThat(read.sends("budget_alerts")).isFalse();
        assertThat(read.slow()).isEqualTo(Duration.ofSeconds(2));
        assertThat(told.warnings(yaml))
                .anySatisfy(warning -> assertThat(warning).contains("did you mean `cooldown_deployment`"))
                .anySatisfy(warning -> assertThat(warning).contains("daily_reports"))
                .anySatisfy(
                        warning -> assertThat(warning).contains("llm_too_slow").doesNotContain("nowhere"))
                .noneSatisfy(warning -> assertThat(warning).contains("SLACK_WEBHOOK_URL"));
    }

    @Test
    void providersDeploymentsAndTagsHaveBudgetsOfTheirOwn() throws IOException {
        Snapshot read = loading()
                .good(
                        "model_list: [{model_name: m, litellm_params: {model: echo/x, max_budget: 5, budget_duration: 7d}},"
                                + " {model_name: m, litellm_params: {model: groq/x, api_key: k}},"
                                + " {model_name: m, litellm_params: {model: openai/x, api_key: k}}]\n"
                                + "litellm_settings: {tag_budget_config: {ci: {max_budget: 0.5}}}\n"
                                + "router_settings: {provider_budget_config: {openai: {budget_limit: 10, time_period: 1d}}}\n");
        assertThat(read.general().budgets().tags()).isEqualTo(Map.of("ci", new Allowance(new BigDecimal("0.5"), null)));
        RouterSettings.Choosing choosing = read.router().choosing();
        assertThat(choosing.budgets()).isEqualTo(Map.of("openai", new Allowance(new BigDecimal("10"), "1d")));
        assertThat(read.models().deployments().getFirst().routing().fit().budget())
                .isEqualTo(new Allowance(new BigDecimal("5"), "7d"));
        assertThat(read.models().deployments().stream().map(choosing::budgeted)).containsExactly(true, false, true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{opnai: {budget_limit: 1}} | did you mean `openai`",
                "{openai: {budget_limt: 1}} | did you mean `budget_limit`",
                "{openai: {time_period: 1d}} | needs a `budget_limit`",
                "{openai: {budget_limit: 1, time_period: daily}} | `time_period` must be",
                "{openai: {budget_limit: -1}} | budget_limit",
            })
    void mistakesInAProvidersBudgetAreRefused(String budgets, String told) throws IOException {
        assertThat(loading().problems(MODELS + "router_settings: {provider_budget_config: " + budgets + "}\n"))
                .anySatisfy(problem -> assertThat(problem).contains(":2:", told));
    }

    @Test
    void areLiteLlmsDefaultsOtherwise() throws IOException {
        assertThat(loading()
                        .good(MODELS + "litellm_settings: {max_budget: 0}\n")
                        .general()
                        .budgets())
                .isEqualTo(BudgetSettings.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource({
        "litellm_settings, budget_duration, fortnight",
        "litellm_settings, budget_duration, 0d",
        "litellm_settings, max_budget, -1",
        "litellm_settings, timezone, Mars/Phobos",
        "litellm_settings, budget_exceeded_status_code, 200",
        "general_settings, unpriced_models, maybe",
    })
    void mistakesAreRefusedWithTheirPlace(String section, String key, String value) throws IOException {
        assertThat(loading().problems(MODELS + section + ": {" + key + ": " + value + "}\n"))
                .anySatisfy(problem -> assertThat(problem).contains(":2:", key));
    }
}
