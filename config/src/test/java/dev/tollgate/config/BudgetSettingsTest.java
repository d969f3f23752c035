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
