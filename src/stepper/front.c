/* STEPPER_PROXY: what stays over the runs (the socket that listens, certificates made so far), and the proxy of a run. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"

struct stepper_front {
    struct net_listener *listener;
    struct lab_imitations *imitations;
    struct stepper_target beyond; /* input NULL: what the client asks for */
};

/* ---- the traces ------------------------------------------------------------------------------- */

static struct trace *trace_of_client(const struct stepper *stepper, int64_t start_wall_ns)
{
    const struct trace_target target = {
        .input = stepper->target.input,
        .host = stepper->target.host,
        .port = stepper->target.port,
        .local = WIRE_SERVER,
    };

    return trace_new(&target, start_wall_ns);
}

static struct trace *trace_of_server(const struct stepper *stepper, const char *host, uint16_t port,
                                     int64_t start_wall_ns)
{
    const struct trace_target target = {
        .input = stepper->target.input,
        .host = host,
        .port = port,
        .sni = stepper->options.tls.sni,
        .local = WIRE_CLIENT,
    };

    return trace_new(&target, start_wall_ns);
}

struct run_pair *front_pair(const struct stepper *stepper, int64_t start_wall_ns)
{
    const char *beyond = stepper->target.beyond != NULL ? stepper->target.beyond : "";

    return pair_new(trace_of_client(stepper, start_wall_ns),
                    trace_of_server(stepper, beyond, 0, start_wall_ns));
}

/* Nothing is in its trace yet: another one takes its place, in the saved file, too. */
void front_name_server(struct stepper *stepper, struct run *run, struct err *err)
{
    struct run_pair *pair = run->pair;
    uint16_t port;
    const char *host = lab_proxy_target(run->proxy, &port);
    int64_t start_ns = trace_start_wall_ns(pair->traces[LAB_PROXY_SERVER]);
    struct trace *trace = trace_of_server(stepper, host, port, start_ns);

    if (trace == NULL) {
        (void)err_memory(err, "following the connection to the server");
        return;
    }
    trace_free(pair->traces[LAB_PROXY_SERVER]);
    pair->traces[LAB_PROXY_SERVER] = trace;
    run->trace = pair->traces[pair->side];
    run_reopen_output(stepper, run, LAB_PROXY_SERVER, err);
}

/* ---- starting --------------------------------------------------------------------------------- */

struct lab_ca *stepper_ca(struct stepper *stepper, struct err *err)
{
    if (stepper->ca == NULL) {
        stepper->ca = stepper->options.ephemeral ? lab_ca_new(err) : lab_ca_open(err);
    }
    return stepper->ca;
}

static int open_front(struct stepper *stepper, struct stepper_front *front, struct err *err)
{
    const struct stepper_target *target = &stepper->target;
    struct lab_ca *ca = stepper_ca(stepper, err);

    if (ca == NULL) {
        return -1;
    }
    if (target->beyond != NULL && stepper_target_parse(target->beyond, &front->beyond, err) != 0) {
        return -1;
    }
    front->imitations = lab_imitations_new(ca, err);
    if (front->imitations == NULL) {
        return -1;
    }
    front->listener = net_listener_new(target->host, target->port, err);
    return front->listener != NULL ? 0 : -1;
}

static void free_front(struct stepper_front *front)
{
    net_listener_release(front->listener);
    lab_imitations_release(front->imitations);
    stepper_target_free(&front->beyond);
    free(front);
}

const struct net_address *stepper_listens(struct stepper *stepper, struct err *err)
{
    struct stepper_front *front = stepper->front;

    if (stepper->target.kind == STEPPER_LISTEN) {
        return listen_open(stepper, err);
    }
    if (front == NULL) {
        front = calloc(1, sizeof *front);
        if (front == NULL) {
            (void)err_memory(err, "starting a proxy");
            return NULL;
        }
        if (open_front(stepper, front, err) != 0) {
            free_front(front);
            return NULL;
        }
        stepper->front = front;
    }
    return net_listener_address(front->listener);
}

void front_end(struct stepper *stepper)
{
    if (stepper->front != NULL) {
        free_front(stepper->front);
        stepper->front = NULL;
    }
    lab_ca_release(stepper->ca);
    stepper->ca = NULL;
}

/* ---- --replace -------------------------------------------------------------------------------- */

#define RULES_MAX 64

struct rules {
    struct lab_proxy_rule rules[RULES_MAX];
    size_t count;
};

static void free_rules(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        free((char *)rules->rules[i].from);
        free((char *)rules->rules[i].to);
    }
    rules->count = 0;
}

static int add_rule(void *context, const char *line, struct err *err)
{
    struct rules *rules = context;
    const char *equals = strchr(line, '=');
    struct lab_proxy_rule *rule = &rules->rules[rules->count];

    if (equals == NULL || rules->count == RULES_MAX) {
        return err_set(err, ERR_USAGE, "bad_rule", "--replace takes A=B, at most %d times",
                       RULES_MAX);
    }
    rule->from = text_duplicate(line, (size_t)(equals - line));
    rule->to = text_duplicate(equals + 1, strlen(equals + 1));
    rules->count++;
    return rule->from != NULL && rule->to != NULL ? 0 : err_memory(err, "reading --replace");
}

/* ---- a run ------------------------------------------------------------------------------------ */

static int start_lab(struct stepper *stepper, struct lab_proxy_config *config,
                     struct tls_options *tls, struct err *err)
{
    const char *scenario = stepper->front->beyond.host;
    const char *name = lab_scenario_find(scenario)->hostname;

    if (stepper->lab == NULL) {
        stepper->lab = lab_start(scenario, 0, err);
        if (stepper->lab == NULL) {
            return -1;
        }
    }
    if (tls->sni == NULL) {
        tls->sni = text_duplicate(name, strlen(name));
        if (tls->sni == NULL) {
            return err_memory(err, "starting the lab server");
        }
    }
    if (tls->trust == TLS_TRUST_DEFAULT && tls->ca_file == NULL && tls->ca_dir == NULL) {
        tls->trust = TLS_TRUST_LAB;
    }
    config->host = "127.0.0.1";
    config->port = (uint16_t)strtoul(strrchr(lab_address(stepper->lab)->text, ':') + 1, NULL, 10);
    return 0;
}

static int make_proxy(struct stepper *stepper, struct run *run, int64_t start_ns,
                      const struct rules *rules, struct tls_options *tls, struct err *err)
{
    const struct stepper_front *front = stepper->front;
    struct lab_proxy_config config = {
        .options = tls,
        .imitations = front->imitations,
        .listener = front->listener,
        .rules = rules->rules,
        .rule_count = rules->count,
        .start_ns = start_ns,
    };
    struct buffer root = {0};
    int status = 0;

    if (front->beyond.input != NULL && front->beyond.kind == STEPPER_LAB) {
        status = start_lab(stepper, &config, tls, err);
    } else if (front->beyond.input != NULL) {
        config.host = front->beyond.host;
        config.port = front->beyond.port;
    }
    if (status == 0) {
        status = tls_options_check(tls, err);
    }
    if (status != 0) {
        return -1;
    }
    if (lab_options_root(tls, stepper->lab, &root, err) == 0) {
        config.lab_root = root.data;
        config.lab_root_length = root.length;
        run->proxy = lab_proxy_new(&config, err);
    }
    buffer_free(&root);
    return run->proxy != NULL ? run_source_breaks(stepper, run, err) : -1;
}

int front_start(struct stepper *stepper, struct run *run, int64_t start_ns, struct err *err)
{
    struct rules rules = {0};
    struct tls_options tls;
    int status = -1;

    if (stepper_listens(stepper, err) == NULL ||
        tls_options_copy(&tls, &stepper->options.tls, err) != 0) {
        return -1;
    }
    if (text_each_line(stepper->options.replace, "reading --replace", add_rule, &rules, err) == 0) {
        status = make_proxy(stepper, run, start_ns, &rules, &tls, err);
    }
    free_rules(&rules);
    tls_options_free(&tls);
    return status;
}

/* ---- what can be asked ------------------------------------------------------------------------ */

bool stepper_is_pair(const struct stepper *stepper)
{
    return run_in_view(stepper)->pair != NULL;
}

enum lab_proxy_side stepper_side(const struct stepper *stepper)
{
    const struct run_pair *pair = run_in_view(stepper)->pair;

    return pair != NULL ? pair->side : LAB_PROXY_SERVER;
}

struct trace *stepper_side_trace(const struct stepper *stepper, enum lab_proxy_side side)
{
    const struct run *run = run_in_view(stepper);

    return run->pair != NULL ? run->pair->traces[side] : run->trace;
}

size_t stepper_side_cursor(const struct stepper *stepper, enum lab_proxy_side side)
{
    const struct run *run = run_in_view(stepper);

    return run->pair != NULL ? run->pair->cursors[side] : run->cursor;
}

uint32_t stepper_joined(struct stepper *stepper, enum lab_proxy_side side, uint32_t n)
{
    struct run_pair *pair = run_in_view(stepper)->pair;

    return pair != NULL ? pair_joined(pair, side, n) : 0;
}
