package dev.tollgate.cluster.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.protocol.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

class NodeCertificateTest {
    private static NodeCertificate of(String secret) {
        return new NodeCertificate(new ClusterSecret(Secret.of(secret)));
    }

    private static X509Certificate read(String pem) throws CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void trusts(TrustOptions trusting, NodeCertificate shown) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            X509TrustManager manager =
                    (X509TrustManager) trusting.getTrustManagerFactory(vertx).getTrustManagers()[0];
            X509Certificate[] chain = {read(shown.certificate())};
            manager.checkClientTrusted(chain, "ECDHE_ECDSA");
            manager.checkServerTrusted(chain, "ECDHE_ECDSA");
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void nodesThatKnowTheSecretTrustEachOther() throws Exception {
        trusts(of("right").others(), of("right"));
        X509Certificate authority = read(of("right").authority());
        authority.verify(authority.getPublicKey());
        assertThat(read(of("right").authority()).getPublicKey()).isEqualTo(authority.getPublicKey());
        assertThat(read(of("right").certificate()).getPublicKey())
                .isNotEqualTo(read(of("right").certificate()).getPublicKey());
    }

    @Test
    void oneWithAnotherSecretIsTrustedByNobody() {
        assertThatThrownBy(() -> trusts(of("right").others(), of("wrong"))).isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> trusts(of("wrong").others(), of("right"))).isInstanceOf(CertificateException.class);
    }
}
