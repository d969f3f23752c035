package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads a configuration that a test writes. */
record Loading(Path folder, Map<String, String> environment) {

    LoadResult read(String yaml) throws IOException {
        Path file = folder.resolve("config.yaml");
        Files.writeString(file, yaml);
        return new ConfigLoader(Environment.of(environment)).load(file);
    }

    Snapshot good(String yaml) throws IOException {
        LoadResult result = read(yaml);
        assertThat(result).as("%s", result).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot();
    }

    /** What is wrong, with the file's bare name. */
    List<String> problems(String yaml) throws IOException {
        return read(yaml) instanceof LoadResult.Rejected rejected ? lines(rejected.problems()) : List.of();
    }

    List<String> warnings(String yaml) throws IOException {
        return lines(good(yaml).warnings());
    }

    private List<String> lines(List<Problem> problems) {
        return problems.stream()
                .map(problem -> problem.toString().replace(folder + "/", ""))
                .toList();
    }
}
