package dev.tollgate.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.UserRole;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteAccessTest {
    private static Caller caller(List<String> routes) {
        return new Caller("hash", null, null, null, null, UserRole.INTERNAL_USER, ModelAccess.ALL, routes);
    }

    @ParameterizedTest
    @CsvSource({
        "llm_api_routes, /v1/chat/completions, true, true",
        "llm_api_routes, /v1/models, false, true",
        "llm_api_routes, /models/gpt-4o, false, true",
        "llm_api_routes, /global/spend/models, false, false",
        "llm_api_routes, /spend/logs, false, false",
        "llm_api_routes, /key/info, false, false",
        "info_routes, /key/info, false, true",
        "info_routes, /key/generate, false, false",
        "management_routes, /key/generate, false, true",
        "management_routes, /v1/chat/completions, true, false",
        "spend_tracking_routes, /spend/logs, false, true",
        "spend_tracking_routes, /spend/set, false, false",
        "management_routes, /spend/set, false, true",
        "spend_tracking_routes, /team/spend/report, false, true",
        "spend_tracking_routes, /v1/models/x/spend/, false, false",
        "anthropic_routes, /v1/messages, true, true",
        "/chat/completions, /v1/chat/completions, true, true",
        "/key/*, /key/info, false, true",
        "/key/*, /user/info, false, false",
    })
    void opensThePathsThatItNames(String route, String path, boolean model, boolean open) {
        assertThat(RouteAccess.forbidden(caller(List.of(route)), path, model) == null)
                .isEqualTo(open);
    }

    @Test
    void withoutAnyTheRoleDecides() {
        assertThat(RouteAccess.forbidden(caller(List.of()), "/key/info", false)).isNull();
    }
}
