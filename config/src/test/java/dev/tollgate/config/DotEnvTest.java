package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotEnvTest {
    @TempDir
    Path folder;

    private final List<Problem> warnings = new ArrayList<>();

    private Environment read(String text, Map<String, String> real) throws IOException {
        Path file = folder.resolve(".env");
        Files.writeString(file, text);
        return DotEnv.under(real, file, warnings);
    }

    /** {@code ⏎} stands for a line feed, {@code |} is the quote of this table. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            delimiter = ';',
            value = {
                "A=plain ; plain",
                "  A =  spaced out   ; spaced out",
                "export A=exported ; exported",
                "export\tA=tabbed ; tabbed",
                "A=value # comment ; value",
                "A=va#lue ; va#lue",
                "A= # nothing ;",
                "A= ;",
                "A=\"two # words\" # comment ; two # words",
                "A='raw \\n $x' ; raw \\n $x",
                "A='it\\'s' ; it's",
                "A=\"say \\\"hi\\\"\" ; say \"hi\"",
                "A=\"line\\nfeed\" ; line⏎feed",
                "A=\"back\\\\nslash\" ; back\\nslash",
                "A=\"first⏎second\"⏎B=2 ; first⏎second",
                "A='-----KEY-----⏎x=y⏎-----' ; -----KEY-----⏎x=y⏎-----",
                "A=a=b== ; a=b==",
                "A=\"\" ;",
                "A=one⏎A=two ; two",
                "B=base⏎A=${B}/v1 ; base/v1",
                "A=${REAL}-${NONE:-default}-${NONE} ; real-default-",
                "\uFEFFA=marked ; marked",
                "#A=commented⏎A=set ; set",
            })
    void readsAValueAsPythonDotenvDoes(String text, String expected) throws IOException {
        for (String end : List.of("\n", "\r\n")) {
            Environment environment = read(text.replace("⏎", end) + end, Map.of("REAL", "real"));
            assertThat(environment.get("A")).isEqualTo(expected == null ? null : expected.replace("⏎", "\n"));
            assertThat(warnings).isEmpty();
        }
    }

    @Test
    void ignoresLinesThatMakeNoSenseAndSaysWhereTheyStand() throws IOException {
        Environment environment = read("A=1\nnonsense\n=2\nB=\"never closed\nC=\"closed\"d\n9X=1\nD=4", Map.of());
        assertThat(environment.get("A")).isEqualTo("1");
        assertThat(environment.get("D")).isEqualTo("4");
        assertThat(warnings)
                .extracting(warning ->
                        warning.origin() == null ? 0 : warning.origin().line())
                .containsExactly(2, 3, 4, 5, 6);
        assertThat(warnings).noneMatch(warning -> warning.message().contains("closed"));
    }

    @Test
    void neverOverridesTheRealEnvironmentEvenWhereThatIsEmpty() throws IOException {
        Environment environment = read("A=file\nB=file\nC=file", Map.of("A", "real", "B", ""));
        assertThat(environment.get("A")).isEqualTo("real");
        assertThat(environment.get("B")).isNull();
        assertThat(environment.get("C")).isEqualTo("file");
        assertThat(DotEnv.under(Map.of("A", "real"), folder.resolve("none"), warnings)
                        .get("A"))
                .isEqualTo("real");
    }
}
