// Reads an interchange on standard input with node-x12, and writes what stands in it as JSON: groups of messages of
// segments, each a list of its tag and elements. Errors end it.
const { X12Parser } = require('node-x12')

let text = ''
process.stdin.setEncoding('latin1')
process.stdin.on('data', (chunk) => { text += chunk })
process.stdin.on('end', () => {
  const interchange = new X12Parser(true).parse(text)
  const segment = (each) => [each.tag, ...each.elements.map((element) => element.value)]
  const groups = interchange.functionalGroups.map((group) =>
    group.transactions.map((message) => [message.header, ...message.segments, message.trailer].map(segment)))
  console.log(JSON.stringify(groups))
})
