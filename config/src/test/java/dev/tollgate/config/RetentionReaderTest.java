package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.GeneralSettings.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionReaderTest {
    @TempDir
    Path folder;

    private LoadResult load(String settings) throws IOException {
        Path file = folder.resolve("config.yaml");
        Files.writeString(file, """
                model_list:
                  - model_name: a
                    litellm_params: {model: openai/gpt-4o, api_key: k}
                general_settings:
                  json_logs: true
                """ + settings);
        return new ConfigLoader(Environment.of(Map.of())).load(file);
    }

    @ParameterizedTest
    @CsvSource({"30d,,P30D,P1D", "12h,30m,PT12H,PT30M", "2w,90s,P14D,PT1M30S", "1mo,1d,P30D,P1D"})
    void rowsAreKeptAsLongAsItIsWritten(String period, String interval, Duration kept, Duration every)
            throws IOException {
        String more = interval == null ? "" : "  maximum_spend_logs_retention_interval: " + interval + "\n";
        assertThat(load("  maximum_spend_logs_retention_period: " + period + "\n" + more))
                .isInstanceOfSatisfying(
                        LoadResult.Loaded.class,
                        loaded -> assertThat(loaded.snapshot().general().retention())
                                .isEqualTo(new Retention(kept, every)));
    }

    @Test
    void rowsAreKeptForEverWhenNothingIsWritten() throws IOException {
        assertThat(load(""))
                .isInstanceOfSatisfying(
                        LoadResult.Loaded.class,
                        loaded -> assertThat(loaded.snapshot().general().retention())
                                .isNull());
    }

    @ParameterizedTest
    @CsvSource({"period,soon", "period,0d", "period,-1d", "interval,30", "interval,1y"})
    void aTimeThatIsNoneIsAMistakeOfTheConfiguration(String which, String time) throws IOException {
        String key = "maximum_spend_logs_retention_" + which;
        assertThat(load("  " + key + ": " + time + "\n"))
                .isInstanceOfSatisfying(
                        LoadResult.Rejected.class,
                        rejected -> assertThat(rejected.problems())
                                .singleElement()
                                .asString()
                                .contains("`" + key + "`", "30d"));
    }
}
