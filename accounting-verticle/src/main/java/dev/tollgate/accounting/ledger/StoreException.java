package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.DatabaseException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A database server does not do what it should. The message is one line that says which server, what is wrong and what to do; never
 * the login.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Remedy remedy;

    /** What may help. */
    enum Remedy {
        /** The same once more: the server took another's side in a deadlock. */
        AGAIN,
        /** Some of the rows are there already: asking which, and storing the others. */
        LOOK_UP,
        /** Another connection. */
        RECONNECT
    }

    private StoreException(StoreUrl url, String trouble, Remedy remedy, @Nullable Throwable cause) {
        super(url + " " + trouble, cause);
        this.remedy = remedy;
    }

    Remedy remedy() {
        return remedy;
    }

    /** No answer in time. */
    static StoreException silent(StoreUrl url, Duration waited) {
        return new StoreException(
                url,
                "does not answer within " + waited.toSeconds()
                        + " s: is it overloaded, or does a firewall swallow the connection?",
                Remedy.RECONNECT,
                null);
    }

    /** Our tables are being made by somebody else. */
    static StoreException migrating(StoreUrl url) {
        return new StoreException(
                url,
                "is being migrated by another node: an index of a large table takes its time, and is waited for",
                Remedy.RECONNECT,
                null);
    }

    /** What the driver reported, in our words. */
    static StoreException of(StoreUrl url, Throwable cause) {
        if (cause instanceof StoreException said) {
            return said;
        }
        return cause instanceof DatabaseException refusal ? refused(url, refusal) : unreachable(url, cause);
    }

    /** PostgreSQL says what it means in its SQLSTATE, MySQL in a number of its own. */
    private static StoreException refused(StoreUrl url, DatabaseException refusal) {
        String state = String.valueOf(refusal.getSqlState());
        int code = url.kind() == StoreUrl.Kind.MYSQL ? refusal.getErrorCode() : 0;
        if (state.equals("40001") || state.equals("40P01") || code == 1213 || code == 1205) {
            return new StoreException(url, "chose another's transaction over ours", Remedy.AGAIN, refusal);
        }
        if (state.equals("23505") || code == 1062) {
            return new StoreException(url, "has some of these rows already", Remedy.LOOK_UP, refusal);
        }
        return new StoreException(url, trouble(url, refusal, state, code), Remedy.RECONNECT, refusal);
    }

    private static String trouble(StoreUrl url, DatabaseException refusal, String state, int code) {
        if (state.startsWith("28") || code == 1045 || code == 1698) {
            return "refuses the login: check user and password in DATABASE_URL, and what the server demands of"
                    + " connections from here";
        }
        if (code == 1043 && url.kind() == StoreUrl.Kind.MYSQL) {
            // What MariaDB makes of a TLS greeting that it did not expect.
            return "and we do not agree on TLS (" + clean(url, refusal)
                    + "): check sslmode and sslrootcert in DATABASE_URL";
        }
        if (state.equals("3D000") || code == 1049) {
            return "has no such database: create it, or name another in DATABASE_URL";
        }
        if (state.equals("42501") || code == 1044 || code == 1142) {
            return "does not let this login make or use our tables: GRANT it the right to, or make them as another"
                    + " (docs/accounting.md)";
        }
        if (state.startsWith("53") || code == 1040 || code == 1203) {
            return "is at a limit of its own: " + clean(url, refusal);
        }
        if (state.startsWith("57P")) {
            return "is starting or stopping";
        }
        if (state.equals("25006") || code == 1290 || code == 1836) {
            return "only lets us read: name the primary server in DATABASE_URL";
        }
        return "failed: " + clean(url, refusal);
    }

    private static StoreException unreachable(StoreUrl url, Throwable cause) {
        return new StoreException(url, reason(url, cause), Remedy.RECONNECT, cause);
    }

    private static String reason(StoreUrl url, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "cannot be found: no such host; check the host in DATABASE_URL";
            }
            if (cause instanceof ConnectException) {
                return "cannot be reached (" + clean(url, cause)
                        + "): is the server running, and are host and port in DATABASE_URL its own?";
            }
            boolean tls = cause instanceof SSLException || cause instanceof GeneralSecurityException;
            if (tls || said(cause).contains("ssl") || said(cause).contains("tls")) {
                return "and we do not agree on TLS (" + clean(url, cause)
                        + "): check sslmode and sslrootcert in DATABASE_URL";
            }
            if (cause instanceof ClosedConnectionException) {
                return "closed the connection";
            }
        }
        return "cannot be used: " + clean(url, failure);
    }

    private static String said(Throwable cause) {
        return String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    }

    /** The server's own words, on one line and without the login. */
    private static String clean(StoreUrl url, Throwable cause) {
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        for (String secret : new String[] {url.password().reveal(), url.user().reveal()}) {
            if (secret.length() > 2) {
                text = text.replace(secret, "***");
            }
        }
        return text.replaceAll("\\s+", " ").strip();
    }
}
