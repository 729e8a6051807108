# Fuzz targets of src/net; seeds in corpus/http*.
cairn_fuzz(http1 DEPS cairn_net)
cairn_fuzz(http_encoding DEPS cairn_net)
cairn_fuzz(http_query DEPS cairn_net)
cairn_fuzz(http_conn DEPS cairn_net)
# What api makes of requests; seeds in corpus/tempo_params.
cairn_fuzz(tempo_params DEPS cairn_api)
