package dev.tollgate.gateway.auth;

import dev.tollgate.cluster.Keyring;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Secret;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key of a request and who it belongs to. The first of LiteLLM's key headers that is present counts, even if it is
 * wrong: there is no falling through to the next. Without a master key anyone may call; who shows a virtual key all the same is held to it. Belongs to one lane.
 */
public final class Authenticator {
    private static final List<String> USUAL_HEADERS =
            List.of("authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key");

    /** {@code error.type} of keys that nobody holds. */
    private static final String UNKNOWN = "token_not_found_in_db";

    /** Of keys that the admin API makes. */
    private static final String PREFIX = "sk-";

    private final @Nullable Secret masterKey;
    private final Authentication master;
    private final List<CharSequence> headers;
    private final Keyring keyring;
    private final MessageDigest digest = sha256();

    /** Reads the master key and the name of the key header from the settings; other keys are in the ring. */
    public Authenticator(GeneralSettings settings, Keyring keyring) {
        this.keyring = keyring;
        this.masterKey = settings.masterKey();
        this.master =
                new Authentication.Known(masterKey == null ? Caller.ANYONE : Caller.master(hash(masterKey.reveal())));
        List<String> names = new ArrayList<>();
        names.add(settings.keyHeader() != null ? settings.keyHeader() : "x-litellm-api-key");
        names.addAll(USUAL_HEADERS);
        this.headers = names.stream().map(HttpHeaders::createOptimized).toList();
    }

    /** Whether a key is needed at all. */
    public boolean open() {
        return masterKey == null;
    }

    /** Looks at a request's headers. */
    public Authentication authenticate(MultiMap requestHeaders) {
        if (masterKey == null) {
            return keyring.hasKeys() ? orAnyone(requestHeaders) : master;
        }
        for (CharSequence name : headers) {
            String value = requestHeaders.get(name);
            if (value != null) {
                String key = bare(value);
                return masterKey.matches(key) ? master : keyring.holder(hash(key));
            }
        }
        return new Authentication.Refused(
                Failure.of(FailureKind.AUTHENTICATION, "Authentication Error, No api key passed in."));
    }

    /** Whether it is not known yet whose key that is, because keys are still being loaded. */
    public static boolean loading(Authentication found) {
        return found instanceof Authentication.Refused refused
                && refused.failure().kind() == FailureKind.OVERLOADED;
    }

    /**
     * Who shows a key that exists is its holder, with its limits, and stays out when it is blocked or expired; others are anyone. Until
     * it is known which keys exist, what looks like one has to come again: it may be blocked.
     */
    private Authentication orAnyone(MultiMap requestHeaders) {
        for (CharSequence name : headers) {
            String value = requestHeaders.get(name);
            if (value != null) {
                String key = bare(value);
                Authentication found = keyring.holder(hash(key));
                boolean nobodys = loading(found) && !key.startsWith(PREFIX)
                        || found instanceof Authentication.Refused refused
                                && UNKNOWN.equals(refused.failure().type());
                return nobodys ? master : found;
            }
        }
        return master;
    }

    private static String bare(String value) {
        if (value.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return value.substring(7).strip();
        }
        // LiteLLM takes the key itself after Basic, as Langfuse's SDK sends it.
        return value.startsWith("Basic ") ? value.substring(6).strip() : value.strip();
    }

    private String hash(String key) {
        return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
