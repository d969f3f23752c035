package dev.tollgate.gateway.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Managed;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdminTest {
    private static final Managed.Done DONE = new Managed.Done(200, Buffer.buffer("{}"));

    private static MultiMap headers(Managed.Done done) {
        MultiMap headers = HttpHeaders.headers();
        Admin.remark(done, headers);
        return headers;
    }

    @Test
    void anAnswerWithoutRemarksHasNoHeadersOfThem() {
        assertThat(headers(DONE).isEmpty()).isTrue();
    }

    @Test
    void warningsAndNodesThatWereNotReachedHaveAHeaderEach() {
        MultiMap headers = headers(DONE.warning(List.of("unknown field \"a\"; did you mean \"b\"?", "second"))
                .with(List.of("n1", "n2")));

        assertThat(headers.getAll("x-tollgate-warning"))
                .containsExactly("unknown field \"a\"; did you mean \"b\"?; second");
        assertThat(headers.getAll("x-tollgate-unreached-nodes")).containsExactly("n1, n2");
        assertThat(headers.size()).isEqualTo(2);
    }
}
