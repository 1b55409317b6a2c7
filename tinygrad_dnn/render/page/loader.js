
(async () => {
  const page = document.getElementById('page');
  const unpacked = async (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
  };
  try {
    globalThis.given = JSON.parse(await unpacked('data'));
    const module = Object.assign(document.createElement('script'), { type: 'module', textContent: await unpacked('module') });
    document.body.append(module);
  } catch (error) {
    page.innerHTML = page.querySelector('noscript').textContent; // a browser from before 2023: as without a script
    throw error;
  }
})();
