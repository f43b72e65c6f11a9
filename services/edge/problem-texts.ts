import type { ProblemCode } from './problems.ts';

/** What the page of a problem says, for the people who connect an ERP. */
export interface ProblemText {
  /** What it means: one to three sentences. */
  explicacao: string;
  /** What to do, and whether repeating helps. */
  solucao: string;
}

const XML_PURO = 'Gere o XML com uma biblioteca de XML, em vez de juntar textos, e envie os bytes como ela os produz.';

/** One text for every code of problems.ts. Facts that vary (limits, field names) are in the detail of the answer. */
export const PROBLEM_TEXTS: Record<ProblemCode, ProblemText> = {
  'requisicao-invalida': {
    explicacao: 'A requisição não pôde ser lida: o caminho, os cabeçalhos ou o corpo não seguem o HTTP.',
    solucao: 'Confira a biblioteca HTTP e a montagem da URL (codificação com %). Repetir a mesma requisição não ajuda.',
  },
  'parametro-invalido': {
    explicacao: 'Um ou mais parâmetros da URL não têm o formato esperado. O detalhe diz quais são e qual é a regra.',
    solucao: 'Corrija os parâmetros citados no detalhe. Um parâmetro vazio vale como não informado.',
  },
  'json-malformado': {
    explicacao: 'O corpo foi anunciado como JSON, mas não é um JSON válido em UTF-8.',
    solucao: 'Gere o corpo com uma biblioteca de JSON e confira a codificação UTF-8.',
  },
  'formulario-malformado': {
    explicacao: 'O corpo foi anunciado como multipart/form-data, mas as partes dele não podem ser separadas, ou são demais.',
    solucao: 'Deixe a biblioteca HTTP montar o formulário e o Content-Type com o boundary; não escreva esse cabeçalho à mão.',
  },
  'corpo-vazio': {
    explicacao: 'A requisição precisa de um XML (ou, onde a descrição o diz, de um JSON) no corpo e chegou sem nada.',
    solucao: 'Envie o XML ou o JSON como corpo da requisição, sem formulário e sem base64.',
  },
  'corpo-interrompido': {
    explicacao: 'O corpo recebido não tem o tamanho anunciado em Content-Length, ou não corresponde ao Content-Encoding informado.',
    solucao: 'Em geral é uma queda de conexão: repita. Se acontecer sempre, confira o cálculo de Content-Length e a compressão.',
  },
  'modelo-nao-suportado': {
    explicacao: 'O caminho é de um modelo de documento cuja emissão, ou cujos eventos, esta versão do Malote ainda não faz.',
    solucao: 'Use os modelos disponíveis (o detalhe diz quais) e acompanhe as versões novas. Nada foi gravado.',
  },
  'xml-malformado': {
    explicacao:
      'O corpo não é um XML bem formado: falta fechar uma marca, há texto fora da raiz, ou o arquivo foi cortado. Linha e coluna dizem onde.',
    solucao: XML_PURO,
  },
  'xml-codificacao': {
    explicacao: 'O XML não está em UTF-8, ou a declaração dele diz outra codificação. A SEFAZ só aceita UTF-8.',
    solucao: 'Grave o XML em UTF-8 e declare encoding="UTF-8", ou não declare nenhuma codificação.',
  },
  'xml-dtd': {
    explicacao: 'O XML traz uma declaração DOCTYPE. Documentos fiscais não têm DTD, e ela pode servir a ataques.',
    solucao: 'Retire a declaração <!DOCTYPE …> do XML.',
  },
  'xml-entidade': {
    explicacao: 'O XML usa uma entidade que o XML não tem (como &nbsp;) ou um & solto.',
    solucao: 'Escreva & como &amp;, < como &lt;, e letras acentuadas diretamente em UTF-8.',
  },
  'xml-instrucao': {
    explicacao: 'O XML traz uma instrução de processamento (<?…?>) além da declaração inicial.',
    solucao: 'Retire as instruções de processamento; só a declaração <?xml …?> no início é aceita.',
  },
  'xml-caractere': {
    explicacao: 'O XML contém um caractere de controle que o padrão XML proíbe, em geral copiado de um cadastro.',
    solucao: 'Remova caracteres de controle dos textos antes de montar o XML. Linha e coluna dizem onde está.',
  },
  'xml-namespace': {
    explicacao: 'O XML usa um prefixo de namespace que não foi declarado, ou declara um namespace de forma inválida.',
    solucao: 'Declare cada prefixo que usar, ou use só o namespace padrão do documento, sem prefixos.',
  },
  'xml-versao': {
    explicacao: 'A declaração do XML diz uma versão que não é a 1.0.',
    solucao: 'Declare version="1.0" na primeira linha, ou não declare nada.',
  },
  'xml-profundidade': {
    explicacao: 'O XML tem elementos aninhados além do que qualquer documento fiscal usa.',
    solucao: 'Confira se o gerador não está abrindo elementos sem fechar. O detalhe diz o limite.',
  },
  'xml-elementos': {
    explicacao: 'O XML tem mais elementos do que qualquer documento fiscal usa.',
    solucao: 'Confira se o corpo é um documento só. O detalhe diz o limite.',
  },
  'xml-atributos': {
    explicacao: 'Um elemento do XML tem mais atributos do que qualquer documento fiscal usa.',
    solucao: 'Confira o gerador do XML. O detalhe diz o limite.',
  },
  'xml-tamanho': {
    explicacao: 'O XML é maior do que o limite do servidor. A SEFAZ também recusa lotes acima de 500 kB.',
    solucao: 'Divida a operação em mais de um documento, ou reduza textos repetidos (infAdProd, infCpl).',
  },
  'xml-recusado': {
    explicacao: 'O XML foi recusado por uma regra de segurança da leitura.',
    solucao: `Leia o detalhe, que diz a regra. ${XML_PURO}`,
  },
  'raiz-invalida': {
    explicacao: 'O elemento raiz do XML não é o de um documento deste caminho.',
    solucao:
      'Envie NFe ou enviNFe (com uma nota só) para os modelos 55 e 65, evento ou envEvento no caminho dos eventos, inutNFe no das inutilizações, sem envelope SOAP e sem o proc.',
  },
  'namespace-invalido': {
    explicacao: 'O namespace do XML não é o do layout pedido: "sefaz" é o oficial, "oobj" o das integrações antigas.',
    solucao: 'Use xmlns="http://www.portalfiscal.inf.br/nfe", ou informe ?layout=oobj se o XML usa o namespace antigo.',
  },
  'lote-invalido': {
    explicacao: 'O lote enviado está vazio ou tem mais de um documento ou evento. Cada requisição leva um só.',
    solucao: 'Envie um documento ou um evento por requisição; várias requisições podem correr ao mesmo tempo.',
  },
  'identificacao-invalida': {
    explicacao:
      'Falta no XML algo que identifica o documento, ou está errado: UF, modelo, série, número, data de emissão, ambiente ou emitente. A lista "faults" diz cada campo.',
    solucao: 'Corrija todos os campos listados em "faults" e envie de novo. Nada foi gravado e o número continua livre.',
  },
  'conteudo-invalido': {
    explicacao: 'O documento pôde ser identificado, mas seria recusado na emissão. A lista "faults" diz cada campo e cada regra.',
    solucao: 'Corrija todos os campos listados em "faults" e peça de novo. Nada foi gravado e o número continua livre.',
  },
  'empresa-divergente': {
    explicacao: 'O emitente do XML, ou o autor do evento, não é a empresa do caminho da requisição.',
    solucao: 'Use no caminho o CNPJ ou CPF do emitente ou autor, sem máscara, ou corrija o XML.',
  },
  'ambiente-divergente': {
    explicacao: 'O tpAmb do XML não é o do caminho: "hom" é tpAmb 2, "prod" é tpAmb 1.',
    solucao: 'Decida o ambiente em um lugar só do ERP e use-o no XML e no caminho.',
  },
  'modelo-divergente': {
    explicacao: 'O modelo do XML (campo mod) não é o do caminho da requisição.',
    solucao: 'Envie o documento ao caminho do seu modelo: 55 para NF-e, 65 para NFC-e.',
  },
  'conteudo-assinado': {
    explicacao:
      'O XML já está assinado. Quem assina é o Malote, com o certificado da empresa, depois de completar o documento; só o que o ponto de venda emitiu em contingência (tpEmis diferente de 1) chega assinado.',
    solucao: 'Envie o XML sem o elemento Signature.',
  },
  'ordem-invalida': {
    explicacao:
      'A ordem, ou a simulação, de contingência não diz um modelo, uma UF, um ambiente e um modo que existam juntos. A lista "faults" diz cada campo.',
    solucao: 'Corrija os campos citados e repita; nada mudou. Os modos de cada modelo estão na descrição da chamada.',
  },
  'ordem-nao-entregue': {
    explicacao: 'O Malote não conseguiu entregar a ordem ao serviço de contingência, porque o RabbitMQ não a confirmou.',
    solucao: 'Repita a chamada em alguns segundos: uma ordem repetida não muda nada a mais. Se persistir, avise quem opera o Malote.',
  },
  'serie-reservada': {
    explicacao:
      'A série é a que a empresa reservou (serieContingencia) para as notas substitutas, que o próprio Malote numera. Se o ERP a usasse, dois documentos teriam o mesmo número.',
    solucao: 'Use outra série no ERP, ou mude a reserva em PUT /api/empresas/{empresa}/contingencia antes de qualquer substituta.',
  },
  'contingencia-desligada': {
    explicacao: 'A política de contingência da conta, ou a da UF, diz que este modelo nunca entra em contingência.',
    solucao: 'Mude a política (ativo, ou o modo do modelo) e repita.',
  },
  'simulacao-desconhecida': {
    explicacao: 'Nesta conta não há simulação de contingência com esta identificação.',
    solucao: 'Use a identificação da resposta que a criou; a lista está em GET /api/conta/contingencia/simulacao.',
  },
  'correcao-nao-admitida': {
    explicacao:
      'Só se corrige assim uma nota que foi emitida em contingência e que a SEFAZ recusou quando foi transmitida. O detalhe diz em que situação esta está.',
    solucao: 'Consulte o documento. O que nunca foi entregue ao cliente é enviado de novo por POST; o autorizado é corrigido por evento.',
  },
  'correcao-recusada': {
    explicacao:
      'A correção muda um campo que identifica a nota já entregue, ou partes, valores, bases, alíquotas, quantidades ou datas. A lista "faults" diz cada campo, o valor da nota e o da correção.',
    solucao:
      'Mantenha nesses campos o que a nota emitida diz e repita. Se o valor da nota está mesmo errado, cancele-a depois de autorizada e emita outra.',
  },
  'substituicao-nao-admitida': {
    explicacao: 'O parâmetro substitui nomeia uma nota que não precisa de substituta: o destino dela já é conhecido, ou ela já tem outra.',
    solucao: 'Consulte a nota citada e faça o que o status dela pede; se a venda já está coberta, não emita outra.',
  },
  'politica-invalida': {
    explicacao:
      'A política de contingência tem campos que não existem ou valores que o modelo ou o escopo não admite. A lista "faults" diz cada um.',
    solucao:
      'Corrija os campos citados e envie a política inteira de novo: nada foi gravado. Um campo que não vem é herdado do escopo mais amplo.',
  },
  'chave-de-idempotencia-invalida': {
    explicacao: 'O cabeçalho Idempotency-Key não tem um formato aceito.',
    solucao: 'Use um identificador próprio do pedido, como um UUID: até 128 caracteres ASCII visíveis, sem espaços, em um cabeçalho só.',
  },
  'chave-de-idempotencia-reutilizada': {
    explicacao: 'O mesmo Idempotency-Key já foi usado com outro conteúdo. A chave serve para repetir a mesma requisição, não para outra.',
    solucao: 'Gere uma chave nova para cada conteúdo novo, e repita a chave só quando repetir o mesmo corpo.',
  },
  'evento-invalido': {
    explicacao:
      'O corpo não diz um evento: falta o tipo ou um campo dele, ou um campo não tem o formato certo. A lista "faults" diz cada um.',
    solucao: 'Corrija os campos listados em "faults". Os campos de cada evento estão na descrição da API, em /docs. Nada foi gravado.',
  },
  'evento-nao-suportado': {
    explicacao:
      'O tipo de evento não existe para o modelo do caminho, não é enviado por empresas, ou esta versão do Malote ainda não o registra (é o caso da manifestação do destinatário e do EPEC).',
    solucao: 'Confira tpEvento (ou tipo, no JSON) e o modelo. O detalhe diz qual é o caso. Repetir não ajuda.',
  },
  'chave-divergente': {
    explicacao: 'A chave de acesso no corpo não é a do documento do caminho. O documento do evento é sempre o da chave no corpo.',
    solucao: 'Monte o caminho com os dados da mesma chave (ou com ela própria), ou retire a chave do corpo.',
  },
  'inutilizacao-invalida': {
    explicacao:
      'Falta no pedido de inutilização um campo, ou um deles está errado: UF, ano, série, números, justificativa. A lista "faults" diz cada um.',
    solucao: 'Corrija todos os campos listados em "faults" e envie de novo. Nada foi gravado.',
  },
  'modelo-sem-inutilizacao': {
    explicacao: 'Só a NF-e (55) e a NFC-e (65) têm inutilização de números. O CT-e 4.00, o CT-e OS e o MDF-e 3.00 não têm.',
    solucao: 'Deixe sem uso os números pulados destes modelos: nada precisa ser informado à SEFAZ.',
  },
  'cadastro-recusado': {
    explicacao:
      'O que foi enviado para o cadastro (empresa, certificado, CSC, entidade) não pode ser gravado. A lista "faults" diz cada campo e cada regra.',
    solucao: 'Corrija todos os campos listados em "faults" e envie de novo. Nada foi gravado.',
  },
  'comando-recusado': {
    explicacao:
      'Um comando do operador (/api/admin) não foi feito: falta um campo, ele está errado, ou o que foi pedido não é possível agora.',
    solucao: 'Leia a lista "faults". GET /api/admin mostra cada comando com os seus campos.',
  },
  'credenciais-ausentes': {
    explicacao: 'A abertura da sessão precisa do token e do secret da credencial, e eles não vieram.',
    solucao: 'Envie Authorization: Basic base64(token:secret), ou o JSON {"token","secret"} em /api/authenticate.',
  },
  'credenciais-invalidas': {
    explicacao: 'O token ou o secret está errado, ou a credencial ou a conta foi desativada. Por segurança não se diz qual.',
    solucao: 'Confira a credencial com o administrador do Malote. Repetir a mesma credencial não ajuda e consome o limite de tentativas.',
  },
  'sessao-ausente': {
    explicacao: 'A chamada precisa de uma sessão e veio sem o token dela.',
    solucao: 'Abra a sessão com POST /session e envie o token no cabeçalho x-auth-token (ou Authorization: Bearer).',
  },
  'sessao-invalida': {
    explicacao: 'A sessão não existe, expirou por falta de uso ou foi encerrada.',
    solucao: 'Abra outra com POST /session e repita a chamada. Repetir uma emissão não duplica o documento.',
  },
  'operador-nao-identificado': {
    explicacao: 'A página do operador e o que está em /api/admin pedem a chave de operador, e nenhuma foi enviada.',
    solucao:
      'Informe a chave (MALOTE_OPERATOR_KEY) como senha em Authorization: Basic, com qualquer usuário, ou no cabeçalho x-operator-key. A sessão de uma conta não serve.',
  },
  'chave-de-operador-invalida': {
    explicacao: 'A chave de operador enviada não é a que está configurada em MALOTE_OPERATOR_KEY.',
    solucao:
      'Confira a chave. Depois de muitas chaves erradas em cinco minutos o endereço é recusado (429) até o fim da janela, mesmo com a chave certa.',
  },
  'token-de-entidade-invalido': {
    explicacao:
      'Os cabeçalhos CNPJ e TOKEN identificam uma entidade do TSS, mas este par não existe: o TOKEN foi renovado, é de outro CNPJ, ou a conta foi desativada. Por segurança não se diz qual.',
    solucao:
      'Consulte o TOKEN atual com POST /rest/RestGetToken e atualize o ponto de venda. Repetir o mesmo par não ajuda: depois de algumas falhas ele é recusado (429) por um tempo que cresce.',
  },
  'escopo-insuficiente': {
    explicacao:
      'A credencial desta chamada não tem o escopo que o recurso exige. O detalhe diz o que falta e o que ela tem. Os escopos são emissao, recebimento, administracao e leitura.',
    solucao:
      'Use uma credencial que tenha o escopo, ou peça ao operador do Malote outra credencial (malote credential create --escopos …). Os escopos de uma credencial não mudam.',
  },
  'rota-desconhecida': {
    explicacao:
      'Não existe recurso neste caminho, ou um trecho do caminho não tem o formato esperado (CNPJ sem máscara, chave de 44 posições…).',
    solucao: 'Confira o caminho na descrição da API, em /docs.',
  },
  'empresa-desconhecida': {
    explicacao: 'A empresa do caminho não está cadastrada nesta conta.',
    solucao: 'Confira o CNPJ ou CPF e a conta da sessão; cadastre a empresa antes de emitir por ela.',
  },
  'csc-desconhecido': {
    explicacao: 'A empresa não tem, neste ambiente, um CSC ativo com este identificador.',
    solucao: 'Liste os CSC da empresa (GET …/csc) para ver os que há. Cada ambiente, hom e prod, tem os seus.',
  },
  'documento-desconhecido': {
    explicacao: 'Não há documento com esta identificação nesta conta, neste ambiente e modelo.',
    solucao:
      'Confira ambiente, modelo, ano, série e número, ou a chave. Se o envio não teve resposta, envie de novo: o Malote não duplica.',
  },
  'cliente-bloqueado': {
    explicacao:
      'O sistema de contratos bloqueou este estabelecimento (CNPJ ou CPF, IE e UF) com RestAtBlqEnt: documentos e eventos novos dele não são aceitos. O detalhe diz o contrato, quando foi informado.',
    solucao:
      'Procure quem administra o contrato; depois de liberado (Parametro 2), envie de novo. As consultas continuam, e o que já tinha sido aceito termina.',
  },
  'entidade-desconhecida': {
    explicacao: 'A conta não tem entidade com este número de seis dígitos.',
    solucao:
      'Liste as entidades com GET /api/entidades. Uma entidade nasce com o cadastro da empresa, com WSTSSSETUP ou com `malote entity add`.',
  },
  'evento-desconhecido': {
    explicacao: 'O documento existe nesta conta, mas não tem evento deste tipo com este número.',
    solucao:
      'Liste os eventos do documento (GET …/{chave}/eventos) para ver os que há. Se o envio não teve resposta, envie de novo: o Malote não duplica.',
  },
  'inutilizacao-desconhecida': {
    explicacao: 'Nenhuma inutilização pedida por esta conta contém este número, nesta UF, ano e série.',
    solucao: 'Confira ambiente, modelo, UF, ano, série e número. Se o envio não teve resposta, envie de novo: o Malote não duplica.',
  },
  'certificado-ausente': {
    explicacao: 'A empresa não tem nenhum certificado A1 instalado neste hub, e sem ele nada é assinado nem transmitido.',
    solucao: 'Instale o certificado com PUT /api/empresas/{empresa}/certificado, ou com `malote certificate put`.',
  },
  'xml-indisponivel': {
    explicacao: 'O registro existe, mas ainda não tem XML processado: só o tem o que recebeu um protocolo da SEFAZ.',
    solucao: 'Consulte o mesmo caminho sem .xml para ver o status. Em processamento ou em recuperação, tente mais tarde.',
  },
  'impressao-indisponivel': {
    explicacao:
      'O documento existe, mas não pode ser impresso assim: ainda não foi autorizado (nem emitido em contingência off-line ou FS-DA), ou não é de um modelo que tem esta forma de impressão. O detalhe diz qual é o caso.',
    solucao:
      'Consulte o documento sem .pdf para ver o status; em processamento ou em recuperação, tente mais tarde. Para ver o papel antes de emitir, use POST …/previa.',
  },
  'metodo-nao-permitido': {
    explicacao: 'O recurso existe, mas não aceita este método HTTP.',
    solucao: 'Use um dos métodos do cabeçalho Allow da resposta.',
  },
  'identidade-em-conflito': {
    explicacao:
      'Este número já é de um documento com outro conteúdo, que não pode ser substituído: ele foi autorizado, está em processamento, ou o destino dele ainda não se sabe.',
    solucao: 'Consulte o documento existente, no caminho do cabeçalho Location. Se é outra venda, use outro número.',
  },
  'documento-nao-autorizado': {
    explicacao:
      'O documento existe, mas não foi autorizado, ou ainda não se sabe se foi. Um evento só pode ser pedido de um documento autorizado.',
    solucao:
      'Consulte o documento, no caminho do cabeçalho Location. Em processamento ou em recuperação, peça o evento quando ele estiver autorizado.',
  },
  'evento-em-conflito': {
    explicacao: 'O documento já tem um evento deste tipo e número com outro conteúdo, registrado ou em processamento.',
    solucao: 'Consulte o evento existente, no caminho do cabeçalho Location. Para uma nova carta de correção, não informe nSeqEvento.',
  },
  'inutilizacao-em-conflito': {
    explicacao: 'A mesma faixa de números já foi pedida com outro conteúdo (justificativa), e está inutilizada ou em processamento.',
    solucao: 'Consulte a inutilização existente, no caminho do cabeçalho Location. Uma faixa é inutilizada uma vez só.',
  },
  'corpo-grande-demais': {
    explicacao: 'O corpo da requisição passa do limite do servidor, já descomprimido.',
    solucao: 'Reduza o documento; o detalhe diz o limite em bytes.',
  },
  'tipo-de-conteudo': {
    explicacao: 'O cabeçalho Content-Type não é o de um XML, nem o de um JSON onde o recurso aceita JSON.',
    solucao: 'Envie Content-Type: application/xml ou text/xml; charset=utf-8, ou application/json nos caminhos de eventos e inutilizações.',
  },
  'codificacao-de-conteudo': {
    explicacao: 'O cabeçalho Content-Encoding informa uma compressão que não é aceita.',
    solucao: 'Envie o corpo sem compressão, ou com gzip, deflate ou br.',
  },
  'erro-interno': {
    explicacao: 'Ocorreu um erro do próprio Malote. O que foi aceito antes continua guardado.',
    solucao: 'Repita a requisição: repetir não duplica o documento. Se persistir, informe o valor de "instance" ao suporte.',
  },
  'sessoes-indisponiveis': {
    explicacao: 'O serviço que guarda as sessões e os limites de uso não respondeu.',
    solucao: 'Repita depois do tempo do cabeçalho Retry-After. Se a sessão tiver sido perdida, abra outra.',
  },
  'armazenamento-indisponivel': {
    explicacao: 'O banco de dados não respondeu a tempo, em geral durante uma troca de servidor de poucos segundos.',
    solucao: 'Repita depois do tempo do cabeçalho Retry-After: repetir não duplica o documento.',
  },
};
