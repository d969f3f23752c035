package dev.tollgate.cluster.hazelcast;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;

/**
 * The key pair (P-256) that a given number is the private half of. Java makes pairs at random only, and of a private key not the
 * public one, so that is calculated here: the curve's base point, so many times. Done once at start, where taking a telling time
 * does not matter.
 */
final class SecretKey {
    private static final BigInteger TWO = BigInteger.TWO;
    private static final BigInteger THREE = BigInteger.valueOf(3);

    private SecretKey() {}

    /** {@code bytes}: some that nobody can guess; 40 or more leave no trace of the curve's order. */
    static KeyPair of(byte[] bytes) throws GeneralSecurityException {
        AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
        named.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec curve = named.getParameterSpec(ECParameterSpec.class);
        BigInteger number = new BigInteger(1, bytes)
                .mod(curve.getOrder().subtract(BigInteger.ONE))
                .add(BigInteger.ONE);
        KeyFactory keys = KeyFactory.getInstance("EC");
        return new KeyPair(
                keys.generatePublic(new ECPublicKeySpec(times(number, curve), curve)),
                keys.generatePrivate(new ECPrivateKeySpec(number, curve)));
    }

    private static ECPoint times(BigInteger number, ECParameterSpec curve) {
        BigInteger prime = ((ECFieldFp) curve.getCurve().getField()).getP();
        BigInteger a = curve.getCurve().getA();
        ECPoint sum = ECPoint.POINT_INFINITY;
        for (int bit = number.bitLength() - 1; bit >= 0; bit--) {
            sum = sum(sum, sum, a, prime);
            if (number.testBit(bit)) {
                sum = sum(sum, curve.getGenerator(), a, prime);
            }
        }
        return sum;
    }

    private static ECPoint sum(ECPoint one, ECPoint other, BigInteger a, BigInteger prime) {
        if (one.equals(ECPoint.POINT_INFINITY)) {
            return other;
        }
        if (other.equals(ECPoint.POINT_INFINITY)) {
            return one;
        }
        BigInteger x = one.getAffineX();
        BigInteger y = one.getAffineY();
        BigInteger otherX = other.getAffineX();
        BigInteger slope;
        if (x.equals(otherX)) {
            if (y.add(other.getAffineY()).mod(prime).signum() == 0) {
                return ECPoint.POINT_INFINITY;
            }
            slope = THREE.multiply(x.pow(2)).add(a).multiply(TWO.multiply(y).modInverse(prime));
        } else {
            slope = other.getAffineY()
                    .subtract(y)
                    .multiply(otherX.subtract(x).mod(prime).modInverse(prime));
        }
        BigInteger sumX = slope.pow(2).subtract(x).subtract(otherX).mod(prime);
        return new ECPoint(sumX, slope.multiply(x.subtract(sumX)).subtract(y).mod(prime));
    }
}
