# Completion of cairn(1) for bash.
_cairn() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "serve trace search delete load check stats snapshot export import deps diff help --version --help" -- "$current"))
        return
    fi
    # --name=value arrives as three words
    if [ "$current" = "=" ]; then
        current=
    elif [ "$previous" = "=" ]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $previous in
    --out | --ids)
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    --protocol) words="auto grpc http/protobuf http/json" ;;
    --shape) words="shop tracegen deep wide huge" ;;
    --out-format) words="protobuf json" ;;
    --data-dir | --snapshot-dir)
        COMPREPLY=($(compgen -d -- "$current"))
        return
        ;;
    --ack) words="fsync write memory" ;;
    --log-level) words="error warn info debug" ;;
    --color) words="auto always never" ;;
    --format) words="otlp-json otlp-pb jaeger zipkin parquet" ;;
    --on-error) words="stop skip" ;;
    --output)
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    --otlp-grpc-listen | --otlp-http-listen | --query-listen | --tempo-listen | --zipkin-listen | --jaeger-http-listen | --jaeger-grpc-listen) words="off" ;;
    --commit-interval | --head-size | --head-age | --append-queue | --disk-free-min | --max-request-size | \
        --max-connections | --memory-limit | --header-timeout | --body-timeout | --idle-timeout | --query-timeout | \
        --query-memory | --search-limit | --loops | --shutdown-grace | --server | --service | --operation | --tag | \
        --min-duration | --max-duration | --since | --until | --limit | --width | --retention | --retention-size | --retention-rule | --target | --header | --trace-spans | \
        --services | --seed | --start | --spans | --duration | --rate | --batch | --connections | --in-flight | \
        --timeout | --retry-time | --server-pid | --top | --trace | --retry) return ;;
    *)
        case $command in
        serve) words="--data-dir --snapshot-dir --otlp-grpc-listen --otlp-http-listen --query-listen --tempo-listen --zipkin-listen --jaeger-http-listen --jaeger-grpc-listen --ack
            --commit-interval --head-size --head-age --append-queue --disk-free-min --retention --retention-size --retention-rule
            --max-request-size --max-connections --memory-limit
            --header-timeout --body-timeout --idle-timeout --query-timeout --query-memory --search-limit --loops
            --shutdown-grace --log-level --help" ;;
        trace) words="--server --events --attributes --all --json --color --width --help" ;;
        search) words="--server --service --operation --tag --min-duration --max-duration --since --limit --json
            --color --width --help" ;;
        delete) words="--server --help" ;;
        load) words="--target --protocol --header --gzip --shape --trace-spans --services --seed --start --spans
            --duration --rate --batch --connections --in-flight --prepare --timeout --retry-time --out --out-format
            --ids --server-pid --json --help" ;;
        check) words="--repair --help" ;;
        deps) words="--server --since --service --format --color --width --help" ;;
        diff) words="--server --by --since --limit --top --json --color --width --help" ;;
        stats) words="--json --top --help" ;;
        snapshot) words="--json --help" ;;
        export) words="--format --output --since --until --service --trace --help" ;;
        import) words="--server --data-dir --on-error --retry --help" ;;
        help) words="serve trace search delete load check stats snapshot export import deps diff" ;;
        esac
        ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    case $command in
    check | stats | snapshot | export | import)
        [[ $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
        ;;
    esac
}
complete -F _cairn cairn
