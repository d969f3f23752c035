# The jar in an image: build it first (bin/tollgate --version, or ./mvnw -pl launcher -am package -DskipTests), then
#
#     docker build -t tollgate:0.1.0 .
FROM eclipse-temurin:25-jre
COPY launcher/target/tollgate.jar /opt/tollgate/tollgate.jar
# Starts several times faster with it, and as well without.
RUN java -jar /opt/tollgate/tollgate.jar prepare || true
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
# Journal and spend store, unless TOLLGATE_DATA says otherwise: mount something that this user may write.
ENV TOLLGATE_DATA=/data
EXPOSE 4000
# The flags of bin/tollgate; memory by JAVA_TOOL_OPTIONS.
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Dio.netty.noUnsafe=false", "-jar", "/opt/tollgate/tollgate.jar"]
