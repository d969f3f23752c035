package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** {@link StoreUrl.Tls} in Vert.x's words. */
final class StoreTls {
    private StoreTls() {}

    /** Below {@code verify-ca} any certificate will do: the line is encrypted, but nobody knows to whom. */
    static ClientSSLOptions options(StoreUrl.Tls tls) {
        StoreUrl.Tls.Mode mode = tls.mode();
        boolean verify = mode == StoreUrl.Tls.Mode.VERIFY_CA || mode == StoreUrl.Tls.Mode.VERIFY_FULL;
        ClientSSLOptions options = new ClientSSLOptions()
                .setHostnameVerificationAlgorithm(mode == StoreUrl.Tls.Mode.VERIFY_FULL ? "HTTPS" : "");
        if (verify) {
            options.setTrustOptions(trust(tls.rootCertificate()));
        } else {
            options.setTrustAll(true);
        }
        String certificate = tls.certificate();
        String key = tls.key();
        if (certificate != null && key != null) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertPath(certificate).addKeyPath(key));
        }
        return options;
    }

    private static TrustOptions trust(@Nullable String rootCertificate) {
        if (rootCertificate != null) {
            return new PemTrustOptions().addCertPath(rootCertificate);
        }
        try {
            TrustManagerFactory java = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            java.init((KeyStore) null);
            TrustManager[] managers = java.getTrustManagers();
            return TrustOptions.wrap(managers[0]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java's own trust store cannot be read", e);
        }
    }
}
