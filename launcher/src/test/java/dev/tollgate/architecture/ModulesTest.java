package dev.tollgate.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who may use whom. Maven holds most of it by what a module lists; this also holds what a build file could be made to allow. */
@AnalyzeClasses(packages = "dev.tollgate", importOptions = ImportOption.DoNotIncludeTests.class)
class ModulesTest {
    private static final List<String> ROOMS = List.of("gateway", "router", "provider", "accounting");

    /** Each module with those it may use. */
    private static final Map<String, List<String>> MODULES = Map.of(
            "protocol", List.of(),
            "config", List.of("protocol"),
            "cluster", List.of("protocol", "config"),
            "gateway", List.of("protocol", "config", "cluster"),
            "router", List.of("protocol", "config", "cluster"),
            "provider", List.of("protocol", "config", "cluster"),
            "accounting", List.of("protocol", "config", "cluster"),
            "launcher", List.of("protocol", "config", "cluster"));

    private static String packages(String module) {
        return "dev.tollgate." + module + "..";
    }

    @ArchTest
    void everyModuleIsLookedAt(JavaClasses classes) {
        MODULES.keySet()
                .forEach(module -> assertThat(classes.stream())
                        .as("classes of %s", module)
                        .anyMatch(type -> type.getPackageName().startsWith("dev.tollgate." + module)));
    }

    @ArchTest
    void eachModuleUsesOnlyThoseBelowIt(JavaClasses classes) {
        MODULES.forEach((module, below) -> {
            List<String> allowed = new ArrayList<>();
            below.forEach(other -> allowed.add(packages(other)));
            allowed.add(packages(module));
            classes()
                    .that()
                    .resideInAPackage(packages(module))
                    .should()
                    .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new))
                            .or(not(resideInAnyPackage("dev.tollgate.."))))
                    .check(classes);
        });
    }

    @ArchTest
    void roomsNeverUseEachOther(JavaClasses classes) {
        for (String room : ROOMS) {
            String[] others = ROOMS.stream()
                    .filter(other -> !other.equals(room))
                    .map(ModulesTest::packages)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(packages(room))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(classes);
        }
    }

    @ArchTest
    void theProtocolKnowsOfVertxOnlyItsBuffers(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAPackage(packages("protocol"))
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.vertx..", "io.netty..")
                        .and(not(resideInAnyPackage("io.vertx.core.buffer.."))))
                .check(classes);
    }

    @ArchTest
    void dialectsNeitherUseEachOtherNorDoInputOrOutput(JavaClasses classes) {
        slices().matching("dev.tollgate.provider.dialect.(*)..")
                .should()
                .notDependOnEachOther()
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("dev.tollgate.provider.dialect..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.vertx.core.http..",
                        "io.vertx.core.net..",
                        "io.vertx.core.eventbus..",
                        "java.net.http..",
                        "java.nio.file..",
                        "java.sql..")
                .check(classes);
    }

    @ArchTest
    void onlyTheLedgersUseSqlAndFlyway(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.tollgate.accounting..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.flywaydb..", "org.sqlite..")
                .check(classes);
    }

    @ArchTest
    void nothingCyclesBetweenThePackagesOfARoom(JavaClasses classes) {
        for (String module : MODULES.keySet()) {
            slices().matching("dev.tollgate." + module + ".(*)..")
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true)
                    .check(classes);
        }
    }
}
