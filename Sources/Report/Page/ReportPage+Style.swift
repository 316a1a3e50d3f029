extension ReportPage {
  static let stylesheet = shapes + Theme.stylesheet(colours)

  private static let shapes = """
    *{box-sizing:border-box}html{-webkit-text-size-adjust:100%}\
    body{margin:0;font:16px/1.55 \(Theme.sans)}main{max-width:1040px;margin:0 auto;padding:0 24px 80px}\
    h1,h2,h3,p,dl,dd,dt,figure,pre{margin:0}\
    header{padding:40px 0 8px}h1{font-size:34px;line-height:1.2;letter-spacing:-.02em;font-weight:650;margin:14px 0 6px}\
    .verdict{display:inline-block;padding:3px 14px;border-radius:99px;font-size:14px;font-weight:600;letter-spacing:.01em}\
    .lead{font-size:18px}section{margin-top:48px}\
    h2{font-size:20px;letter-spacing:-.01em;font-weight:650;margin-bottom:16px}h3{font-size:15px;font-weight:650;margin:24px 0 8px}\
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:28px}\
    .figures div{display:flex;flex-direction:column-reverse;justify-content:flex-end;padding:14px 16px;border-radius:10px}\
    .figures dt{font-size:13px}.figures dd{font-size:25px;font-weight:600;letter-spacing:-.02em;line-height:1.25;font-variant-numeric:tabular-nums}\
    pre,code{font-family:\(Theme.mono)}pre{font-size:13px;line-height:1.5;padding:14px 16px;border-radius:10px;overflow-x:auto}\
    .command{white-space:pre-wrap;overflow-wrap:anywhere}code{font-size:.86em;overflow-wrap:anywhere}\
    .anomaly{padding:16px 20px;border-radius:10px;border-left:4px solid;margin-bottom:14px}.anomaly h3{margin:0 0 4px}.anomaly p+p,.anomaly .scroll+p{margin-top:10px}\
    .anomaly .scroll,.anomaly figure{margin-top:10px}.anomaly .plot{width:auto;min-width:0}.scroll{overflow-x:auto}\
    table{border-collapse:collapse;font-size:14px;width:100%;font-variant-numeric:tabular-nums}\
    th{text-align:left;font-weight:500;font-size:13px;white-space:nowrap}th,td{padding:7px 12px 7px 0;border-bottom:1px solid;vertical-align:top}\
    .entries{width:auto}.entries td{padding:4px 14px 4px 0;border:0;font-size:13px;white-space:nowrap}.number{text-align:right}\
    .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:0 48px}\
    .options div{display:grid;grid-template-columns:minmax(150px,220px) 1fr;gap:16px;padding:7px 0;border-bottom:1px solid;font-size:14px}\
    .options dd{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}\
    figure{overflow-x:auto;margin-bottom:28px}.plot{display:block;width:100%;min-width:680px;height:auto}\
    .diagram{max-height:88vh;overflow:auto;border:1px solid;border-radius:10px;margin-top:14px}.diagram svg{display:block}\
    details{border-bottom:1px solid;padding:8px 0}summary{cursor:pointer}.note{font-size:14px;padding:6px 0}details pre{margin:8px 0}\
    @media(max-width:600px){main{padding:0 16px 56px}h1{font-size:27px}section{margin-top:38px}\
    .options div{grid-template-columns:1fr;gap:0}header{padding-top:24px}.figures{grid-template-columns:1fr 1fr}}

    """

  private static func colours(_ theme: Theme) -> String {
    """
    body{background:\(theme.paper);color:\(theme.ink)}a{color:\(theme.kinds[0])}\
    .lead,.figures dt,th,.options dt,summary,.note{color:\(theme.muted)}summary b{color:\(theme.ink)}\
    pre,.figures div,.anomaly{background:\(theme.panel)}th,td,.options div,.diagram,details{border-color:\(theme.line)}\
    .verdict{color:\(theme.paper);background:\(theme.info)}.valid .verdict{background:\(theme.ok)}\
    .invalid .verdict{background:\(theme.fail)}.anomaly{border-color:\(theme.fail)}.anomaly h3,.error{color:\(theme.fail)}\
    .warning{color:\(theme.info)}
    """
  }
}
