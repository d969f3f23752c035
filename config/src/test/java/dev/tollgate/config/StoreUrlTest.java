package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.config.StoreUrl.Tls.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreUrlTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "postgresql://u:p@h:1/d,            u,   p,     PostgreSQL at h:1/d",
        "postgres://u:p@h/d,                u,   p,     PostgreSQL at h:5432/d",
        "mysql://u:p@h/d,                   u,   p,     MySQL at h:3306/d",
        "MariaDB://u@h:7/d?,                u,   '',    MySQL at h:7/d",
        "postgres://u%40x:p%2Fw%3A%25@h/d,  u@x, p/w:%, PostgreSQL at h:5432/d",
        "postgres://u:p@s/s:w@h/d,          u,   p@s/s:w, PostgreSQL at h:5432/d",
        "postgres://u:a+b%zz@h/d%20e,       u,   a+b%zz, PostgreSQL at h:5432/d e",
        "postgres://u:p@[::1]:9/d,          u,   p,     PostgreSQL at [::1]:9/d",
        "postgres://[fe80::1]/d,            '',  '',    PostgreSQL at [fe80::1]:5432/d",
        "postgresql:///d,                   '',  '',    PostgreSQL at localhost:5432/d",
    })
    void aUrlIsTakenApartAndShownWithoutItsLogin(String url, String user, String password, String shown) {
        StoreUrl store = StoreUrl.parse(url);
        assertThat(store.user().reveal()).isEqualTo(user);
        assertThat(store.password().reveal()).isEqualTo(password);
        assertThat(store).hasToString(shown);
        assertThat(store.host()).doesNotContain("[");
    }

    @ParameterizedTest
    @CsvSource({
        "'',                               PREFER",
        "sslmode=disable,                  DISABLE",
        "sslmode=require,                  REQUIRE",
        "sslmode=verify-ca,                VERIFY_CA",
        "sslmode=verify-full,              VERIFY_FULL",
        "ssl-mode=VERIFY_IDENTITY,         VERIFY_FULL",
        "sslMode=PREFERRED,                PREFER",
        "sslMode=trust,                    REQUIRE",
        "sslmode=require&sslrootcert=FILE, VERIFY_CA",
        "sslmode=prefer&sslrootcert=FILE,  PREFER",
        "sslaccept=strict&sslcert=FILE,    VERIFY_FULL",
        "sslaccept=accept_invalid_certs,   PREFER",
        "sslcert=FILE&sslkey=FILE,         PREFER",
    })
    void modesOfTlsAreUnderstoodByEveryonesNames(String query, Mode mode) throws IOException {
        String file = Files.writeString(folder.resolve("ca.pem"), "").toString();
        StoreUrl store = StoreUrl.parse("mysql://h/d?" + query.replace("FILE", file));
        assertThat(store.tls().mode()).isEqualTo(mode);
        assertThat(store.tls().key() == null)
                .as("our own certificate needs its key")
                .isEqualTo(store.tls().certificate() == null);
        assertThat(store.tls().rootCertificate())
                .isEqualTo(query.contains("FILE") && store.tls().key() == null ? file : null);
        assertThat(store.ignored()).isEmpty();
    }

    @Test
    void prismasParametersAreUnderstoodAndOthersAreNamed() {
        StoreUrl store = StoreUrl.parse("postgres://h/d?schema=prod&connection_limit=9&pool_timeout=1&connect_timeout=7"
                + "&socket_timeout=0&pgbouncer=true&application_name=x&color=&&statement_cache_size=0");
        assertThat(store.schema()).isEqualTo("prod");
        assertThat(store.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(store.statementTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(store.pooled()).isTrue();
        assertThat(store.ignored()).containsExactly("application_name", "color");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "secret://u:secret@h/d",
                "jdbc:postgresql://u:secret@h/d",
                "postgres://u:secret@h",
                "postgres://u:secret@h/",
                "postgres://u:secret@h:secret/d",
                "postgres://u:secret@h:70000/d",
                "postgres://u:1/2?secret@h/d",
                "postgres://u:secret@[::1/d",
                "postgres://u:secret@h/d?sslmode=secret",
                "postgres://u:secret@h/d?schema=a;b",
                "postgres://u:secret@h/d?connect_timeout=secret",
            })
    void whatIsNoUrlIsRefusedWithoutItsSecrets(String url) {
        assertThatThrownBy(() -> StoreUrl.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("secret");
    }

    @Test
    void aMistakeIsSaidWithItsPlaceAndAnUnknownParameterIsWarnedOf() throws IOException {
        Loading loading = new Loading(folder, Map.of("DATABASE_URL", "postgres://u:secret@h/d?a=1&b=2"));
        assertThat(loading.warnings("model_list: []"))
                .contains("parameters of DATABASE_URL that mean nothing here: a, b");
        assertThat(loading.good("model_list: []").general().store()).hasToString("PostgreSQL at h:5432/d");
        assertThat(loading.problems("general_settings:\n  database_url: postgres://u:secret@h"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:2:17")
                .contains("names no database")
                .doesNotContain("secret");
        assertThat(loading.problems("general_settings:\n  database_url: postgres://h/d?sslrootcert=/none"))
                .singleElement()
                .asString()
                .contains("/none, which cannot be read");
    }
}
