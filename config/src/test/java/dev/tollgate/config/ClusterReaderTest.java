package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterReaderTest {
    private static final String MODELS = """
            model_list:
              - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: k}}
            """;
    private static final String KEYED = MODELS + "general_settings: {master_key: sk-1}\n";

    @TempDir
    Path folder;

    @Test
    void aNodeStandsAloneUnlessToldOtherwise() throws IOException {
        assertThat(new Loading(folder, Map.of()).good(KEYED).cluster()).isNull();
        assertThat(new Loading(folder, Map.of())
                        .good(KEYED + "cluster: {enabled: false, join: [a]}\n")
                        .cluster())
                .isNull();
        assertThat(new Loading(folder, Map.of("TOLLGATE_CLUSTER", "false"))
                        .good(KEYED + "cluster: {join: [a]}\n")
                        .cluster())
                .isNull();
    }

    @Test
    void theFileSaysHowNodesMeet() throws IOException {
        assertThat(new Loading(folder, Map.of("S", "hush")).good(KEYED + """
                                cluster:
                                  join: [one:5701, "[::1]:7", two]
                                  dns: nodes.example
                                  host: me
                                  port: 1000
                                  bus_port: 1001
                                  secret: os.environ/S
                                """).cluster())
                .isEqualTo(new ClusterSettings(
                        List.of("one:5701", "[::1]:7", "two"), "nodes.example", "me", 1000, 1001, Secret.of("hush")));
    }

    @Test
    void variablesComeFirstAndTheMasterKeyServesAsSecret() throws IOException {
        Map<String, String> variables = Map.of(
                "TOLLGATE_CLUSTER_JOIN", "x:1, y:2",
                "TOLLGATE_CLUSTER_HOST", "here",
                "TOLLGATE_CLUSTER_PORT", "6001",
                "TOLLGATE_CLUSTER_BUS_PORT", "6002",
                "TOLLGATE_CLUSTER_DNS", "d");
        ClusterSettings expected =
                new ClusterSettings(List.of("x:1", "y:2"), "d", "here", 6001, 6002, Secret.of("sk-1"));
        assertThat(new Loading(folder, variables)
                        .good(KEYED + "cluster: {join: [a:1], host: b, port: 3}\n")
                        .cluster())
                .isEqualTo(expected);
        List<Problem> wrong = new ArrayList<>();
        assertThat(ClusterReader.of(Environment.of(variables), Secret.of("sk-1"), wrong))
                .isEqualTo(expected);
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                           | no secret | 3:1",
                "{secret: s, join: [a:b]}     | `a:b` is no host:port | 3:",
                "{secret: s, join: ['a:70000']} | is no host:port | 3:",
                "{secret: s, port: 0}         | `cluster.port` must be a port | 3:",
                "{secret: s, bus_port: 70000} | `cluster.bus_port` must be a port | 3:",
                "{secret: s, port: 7, bus_port: 7} | must differ | 3:",
            })
    void mistakesAreSaidAtTheirPlace(String cluster, String message, String place) throws IOException {
        List<String> problems = new Loading(folder, Map.of()).problems(MODELS + "cluster: " + cluster + "\n");
        String expected = message.equals("no secret") ? "a cluster needs `cluster.secret`" : message;
        assertThat(problems).singleElement().asString().contains(expected).contains("config.yaml:" + place);
    }

    @Test
    void anUnknownSettingIsWarnedAbout() throws IOException {
        assertThat(new Loading(folder, Map.of()).warnings(KEYED + "cluster: {buss_port: 1}\n"))
                .singleElement()
                .asString()
                .contains("unknown cluster setting `buss_port`", "bus_port");
    }
}
