package dev.tollgate.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/** Rules of the house that hold inside every module. */
@AnalyzeClasses(
        packages = "dev.tollgate",
        importOptions = {ImportOption.DoNotIncludeTests.class, NoTestJars.class})
class HouseRulesTest {
    private static final String[] LOOPS = {
        "dev.tollgate.gateway..", "dev.tollgate.router..", "dev.tollgate.provider..", "dev.tollgate.cluster..",
    };

    @ArchTest
    void nobodyLogsThroughTheJdkOrWritesToTheConsoleButTheLauncher(JavaClasses classes) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..")
                .check(classes);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.tollgate.launcher..")
                .should(ACCESS_STANDARD_STREAMS)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }

    /** Final, and of a type that is not made to be changed, as far as a type can say. What a constant holds is for reviewers. */
    @ArchTest
    void nothingStaticChanges(JavaClasses classes) {
        DescribedPredicate<JavaField> ours = DescribedPredicate.describe(
                "written by people",
                field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC)
                        && !field.getName().startsWith("$"));
        fields().that().areStatic().and(ours).should().beFinal().check(classes);
        noFields()
                .that()
                .areStatic()
                .and(ours)
                .should()
                .haveRawType(assignableTo(ConcurrentMap.class)
                        .or(resideInAnyPackage("java.util.concurrent.atomic.."))
                        .or(assignableTo(ThreadLocal.class))
                        .or(assignableTo(AbstractMap.class))
                        .or(assignableTo(AbstractCollection.class)))
                .check(classes);
    }

    @ArchTest
    void namesSayWhatAThingIsFor(JavaClasses classes) {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .resideInAnyPackage("..util..", "..utils..", "..impl..", "..model..", "..helper..")
                .check(classes);
    }

    /** Money is counted in nano-dollars and {@code BigDecimal}: a binary fraction loses some of it. */
    @ArchTest
    void moneyIsNeverABinaryFraction(JavaClasses classes) {
        DescribedPredicate<JavaClass> binary = DescribedPredicate.describe(
                "a binary fraction",
                type -> type.isEquivalentTo(double.class)
                        || type.isEquivalentTo(float.class)
                        || type.isEquivalentTo(Double.class)
                        || type.isEquivalentTo(Float.class));
        noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage("dev.tollgate.accounting.price..", "dev.tollgate.accounting.ledger..")
                .should()
                .haveRawType(binary)
                .check(classes);
        noMethods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage("dev.tollgate.accounting.price..", "dev.tollgate.accounting.ledger..")
                .should()
                .haveRawReturnType(binary)
                .orShould()
                .haveRawParameterTypes(DescribedPredicate.anyElementThat(binary))
                .check(classes);
        noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("dev.tollgate.accounting..")
                .and()
                .haveNameMatching("(?i).*(cost|price|nano|budget|spend).*")
                .should()
                .haveRawType(binary)
                .check(classes);
    }

    /** One loop serves many calls, so whoever waits on it makes all of them wait. */
    @ArchTest
    void nothingOnAnEventLoopWaits(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAnyPackage(LOOPS)
                .and()
                // Hazelcast's calls block, so joining and leaving have threads of their own.
                .resideOutsideOfPackage("dev.tollgate.cluster.hazelcast..")
                .should()
                .callMethodWhere(target(nameMatching("get|await"))
                        .and(target(owner(assignableTo(Future.class)
                                .or(assignableTo(io.vertx.core.Future.class))
                                .or(assignableTo(CountDownLatch.class))
                                .or(assignableTo(Condition.class))))))
                .orShould()
                .callMethodWhere(target(nameMatching("sleep|join|park|parkNanos|wait"))
                        .and(target(owner(assignableTo(Thread.class)
                                .or(assignableTo(LockSupport.class))
                                .or(assignableTo(CompletableFuture.class))
                                .or(DescribedPredicate.describe(
                                        "Object", type -> type.isEquivalentTo(Object.class)))))))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Lock.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..", "java.sql..")
                .check(classes);
        noMethods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(LOOPS)
                .should()
                .haveModifier(JavaModifier.SYNCHRONIZED)
                .check(classes);
    }
}
