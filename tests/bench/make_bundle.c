/*
 * Certificates for the benchmarks, as PEM on files.
 *
 *   make_bundle COUNT FILE        COUNT different certificates of one authority, fields as on the web
 *   make_bundle chain FOLDER      chain.pem (leaf and three authorities, leaf first), key.pem and root.pem
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define YEAR (365 * 86400L)

static void check(int status, const char *doing)
{
    if (status < 0) {
        (void)fprintf(stderr, "make_bundle: %s: %s\n", doing, gnutls_strerror(status));
        exit(1);
    }
}

static gnutls_x509_privkey_t make_key(void)
{
    gnutls_x509_privkey_t key;

    check(gnutls_x509_privkey_init(&key), "making a key");
    check(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
          "making a key");
    return key;
}

/* What all of them have. */
static gnutls_x509_crt_t begin(const char *name, unsigned long serial, gnutls_x509_privkey_t key)
{
    uint8_t number[16] = {0x4d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    uint8_t id[20];
    size_t id_length = sizeof id;
    gnutls_x509_crt_t certificate;

    for (int i = 15; i >= 12; i--, serial >>= 8) {
        number[i] = (uint8_t)serial;
    }
    check(gnutls_x509_crt_init(&certificate), "making a certificate");
    check(gnutls_x509_crt_set_version(certificate, 3), "version");
    check(gnutls_x509_crt_set_serial(certificate, number, sizeof number), "serial number");
    check(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COUNTRY_NAME, 0, "DE", 2),
          "subject");
    check(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                        "Example Corporation", 19),
          "subject");
    check(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                        (unsigned)strlen(name)),
          "subject");
    check(gnutls_x509_crt_set_activation_time(certificate, time(NULL) - 86400), "validity");
    check(gnutls_x509_crt_set_expiration_time(certificate, time(NULL) + YEAR), "validity");
    check(gnutls_x509_crt_set_key(certificate, key), "key");
    check(gnutls_x509_crt_get_key_id(certificate, 0, id, &id_length), "key identifier");
    check(gnutls_x509_crt_set_subject_key_id(certificate, id, id_length), "key identifier");
    return certificate;
}

static gnutls_x509_crt_t make_authority(const char *name, gnutls_x509_privkey_t key,
                                        gnutls_x509_crt_t issuer, gnutls_x509_privkey_t issuer_key)
{
    gnutls_x509_crt_t certificate = begin(name, 1, key);

    check(gnutls_x509_crt_set_basic_constraints(certificate, 1, -1), "basic constraints");
    check(
        gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
        "key usage");
    check(gnutls_x509_crt_sign2(certificate, issuer != NULL ? issuer : certificate, issuer_key,
                                GNUTLS_DIG_SHA256, 0),
          "signing");
    return certificate;
}

static gnutls_x509_crt_t make_leaf(const char *name, unsigned long serial,
                                   gnutls_x509_privkey_t key, gnutls_x509_crt_t issuer,
                                   gnutls_x509_privkey_t issuer_key)
{
    gnutls_x509_crt_t certificate = begin(name, serial, key);
    char other[100];

    (void)snprintf(other, sizeof other, "www.%s", name);
    check(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name,
                                               (unsigned)strlen(name), GNUTLS_FSAN_SET),
          "names");
    check(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, other,
                                               (unsigned)strlen(other), GNUTLS_FSAN_APPEND),
          "names");
    check(gnutls_x509_crt_set_basic_constraints(certificate, 0, -1), "basic constraints");
    check(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE), "key usage");
    check(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0), "purpose");
    check(gnutls_x509_crt_sign2(certificate, issuer, issuer_key, GNUTLS_DIG_SHA256, 0), "signing");
    return certificate;
}

static void write_certificate(FILE *file, gnutls_x509_crt_t certificate)
{
    gnutls_datum_t pem;

    check(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem), "writing");
    (void)fwrite(pem.data, 1, pem.size, file);
    gnutls_free(pem.data);
}

static FILE *open_file(const char *folder, const char *name)
{
    char path[1000];

    (void)snprintf(path, sizeof path, "%s%s%s", folder, name[0] != '\0' ? "/" : "", name);
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    return file;
}

static void close_file(FILE *file)
{
    if (fclose(file) != 0) {
        perror("make_bundle");
        exit(1);
    }
}

static void make_bundle(unsigned long count, const char *path)
{
    gnutls_x509_privkey_t key = make_key();
    gnutls_x509_crt_t root = make_authority("Bench Root", key, NULL, key);
    FILE *file = open_file(path, "");

    for (unsigned long i = 0; i < count; i++) {
        char name[60];
        (void)snprintf(name, sizeof name, "host-%lu.example.org", i);
        gnutls_x509_crt_t leaf = make_leaf(name, i, key, root, key);
        write_certificate(file, leaf);
        gnutls_x509_crt_deinit(leaf);
    }
    close_file(file);
    gnutls_x509_crt_deinit(root);
    gnutls_x509_privkey_deinit(key);
}

static void make_chain(const char *folder)
{
    static const char *const names[] = {"Bench Chain Root", "Bench Authority 1",
                                        "Bench Authority 2", "Bench Authority 3"};
    gnutls_x509_privkey_t keys[5];
    gnutls_x509_crt_t certificates[5];
    FILE *file;

    for (int i = 0; i < 5; i++) {
        keys[i] = make_key();
    }
    certificates[0] = make_authority(names[0], keys[0], NULL, keys[0]);
    for (int i = 1; i < 4; i++) {
        certificates[i] = make_authority(names[i], keys[i], certificates[i - 1], keys[i - 1]);
    }
    certificates[4] = make_leaf("localhost", 7, keys[4], certificates[3], keys[3]);

    file = open_file(folder, "root.pem");
    write_certificate(file, certificates[0]);
    close_file(file);
    file = open_file(folder, "chain.pem");
    for (int i = 4; i > 0; i--) {
        write_certificate(file, certificates[i]);
    }
    close_file(file);
    gnutls_datum_t pem;
    check(gnutls_x509_privkey_export2(keys[4], GNUTLS_X509_FMT_PEM, &pem), "writing");
    file = open_file(folder, "key.pem");
    (void)fwrite(pem.data, 1, pem.size, file);
    close_file(file);
    gnutls_free(pem.data);
    for (int i = 0; i < 5; i++) {
        gnutls_x509_crt_deinit(certificates[i]);
        gnutls_x509_privkey_deinit(keys[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: make_bundle COUNT FILE | make_bundle chain FOLDER\n");
        return 2;
    }
    if (strcmp(argv[1], "chain") == 0) {
        make_chain(argv[2]);
    } else {
        make_bundle(strtoul(argv[1], NULL, 10), argv[2]);
    }
    return 0;
}
